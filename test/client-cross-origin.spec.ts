import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { ClientTab } from './support/client-tab.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { NewsController, TokenGuard } from './support/news-controller.js';
import { Numbers } from './support/numbers.js';

const BROWSER_TEST_MS = 30_000;
const browser = useChromium();

describe.each(adapters)('a page of another origin than %s, allowed what docs/client.md says,', (adapter) => {
  let app: TestApp;
  let pages: TestApp;
  let context: BrowserContext;
  let tab: ClientTab;
  let numbers: Numbers;

  beforeEach(async () => {
    numbers = new Numbers('news');
    pages = await startApp('express', { controllers: [NewsController] });
    app = await startApp(adapter, {
      controllers: [NewsController],
      providers: [TokenGuard],
      sse: { retry: { ms: 50, jitter: 0 } },
      configure: (nest) => {
        nest.enableCors({
          origin: pages.url,
          credentials: true,
          allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'Prefer'],
          exposedHeaders: ['Preference-Applied', 'Retry-After'],
          maxAge: 7_200,
        });
      },
    });
    context = await clientContext(browser());
    tab = await ClientTab.open(context, pages.url);
  });
  afterEach(async () => {
    await context.close();
    await app.close();
    await pages.close();
  });

  it.each(['stream', 'poll'])(
    'reads by the transport %s with a token, and goes on where it was when it is cut off',
    async (transport) => {
      const headers = `{ Authorization: 'Bearer 1' }`;
      await tab.follow(
        `${app.url}/guarded`,
        `{ transport: '${transport}', credentials: 'include', headers: ${headers} }`,
      );
      await tab.until(
        `client.getSnapshot().status === 'open' && client.getSnapshot().transport === '${transport}'`,
      );
      await numbers.publish(app.channels, 3);
      await tab.untilNumbers(3);
      await tab.run('client.close()');
      await numbers.publish(app.channels, 3);
      await tab.run('client.open()');
      const { numbers: seen, errors } = await tab.untilNumbers(6);
      expect(seen).toEqual(numbers.all);
      expect(errors).toEqual([]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'is told by a refusal when to come back',
    async () => {
      const occupant = await app.open('/limited/total');
      await occupant.connectionId();
      await tab.follow(`${app.url}/limited/total`, '{ manual: true, backoff: { baseMs: 0 } }');
      await tab.run(`client.subscribe(() => {
        const { retryAt = 0 } = client.getSnapshot();
        globalThis.longest = Math.max(globalThis.longest ?? 0, retryAt - Date.now());
      })`);
      await tab.run('client.open()');
      // By its own backoff it would be tried again at once, over and over.
      const { states } = await tab.until('longest > 500');
      expect(states.slice(0, 3)).toEqual(['closed', 'connecting', 'waiting']);
    },
    BROWSER_TEST_MS,
  );
});
