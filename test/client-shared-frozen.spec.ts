import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';
import type { BrowserContext } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { ClientTab } from './support/client-tab.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { type TestApp, startApp } from './support/nest-app.js';
import { Numbers } from './support/numbers.js';
import { until } from './support/until.js';

const BROWSER_TEST_MS = 30_000;

@Controller()
class NewsController {
  @Get(['', 'other'])
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('news')
  news() {
    return 'news';
  }
}

describe('one connection for all tabs of Chromium, one of which stands still,', () => {
  const browser = useChromium();
  let app: TestApp;
  let context: BrowserContext;
  let numbers: Numbers;

  beforeEach(async () => {
    app = await startApp('express', {
      controllers: [NewsController],
      sse: { retry: { ms: 50 }, limits: { opensPerMinute: 1_000 } },
    });
    context = await clientContext(browser());
    numbers = new Numbers('news');
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const publish = (count: number): Promise<void> => numbers.publish(app.channels, count);
  const connections = (): number => app.channels.stats().connections;
  /** Nothing of the page runs until it is thawed, as if it were frozen. @returns what thaws it */
  async function freeze({ page }: ClientTab): Promise<() => Promise<unknown>> {
    const session = await context.newCDPSession(page);
    await session.send('Debugger.enable');
    const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
    await session.send('Debugger.pause');
    // The next statement is where it stops.
    void page.evaluate('0').catch(() => undefined);
    await paused;
    return () => session.send('Debugger.disable');
  }

  /** By no frame of the page's, of which there may be none while another one stands still. */
  async function expectAll(...tabs: readonly ClientTab[]): Promise<void> {
    for (const tab of tabs) {
      let seen = await tab.seen();
      const end = performance.now() + 8_000;
      while (seen.numbers.length < numbers.published && performance.now() < end) {
        seen = await tab.seen();
      }
      expect(seen.numbers).toEqual(numbers.all);
    }
  }

  async function openTab(options = '{ shared: true }'): Promise<ClientTab> {
    const tab = await ClientTab.open(context, app.url);
    await tab.follow('news', options);
    await tab.untilStatus('open');
    return tab;
  }

  it(
    'has all for it though the connection has changed hands',
    async () => {
      const [first, second, third] = [await openTab(), await openTab(), await openTab()];
      const thaw = await freeze(third);
      for (let round = 0; round < 30; round += 1) {
        await publish(20);
      }
      await expectAll(second);
      await first.page.close();
      await publish(100);
      await expectAll(second);
      await thaw();
      // What is posted to a page that stands still is lost, in Chromium, and nothing more comes that would tell.
      await third.run(`document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`);
      await expectAll(third);
      await publish(1);
      await expectAll(third);
      await until(() => connections() === 1);
    },
    BROWSER_TEST_MS,
  );

  it(
    'goes on with it, where it is the one that has the connection',
    async () => {
      const [first, second] = [await openTab(), await openTab()];
      await publish(1);
      const thaw = await freeze(first);
      await publish(200);
      await thaw();
      await publish(1);
      await expectAll(first, second);
      expect(connections()).toBe(1);
    },
    BROWSER_TEST_MS,
  );
});
