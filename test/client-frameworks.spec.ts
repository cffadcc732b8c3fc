import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { nextClose, nextOpen } from './support/lifecycle.js';
import { type TestApp, startApp } from './support/nest-app.js';
import { NewsController } from './support/news-controller.js';

const BROWSER_TEST_MS = 30_000;
const browser = useChromium();

/** Modules that export `show(options)`, which returns what unmounts the component again. */
const frameworks = {
  React: `
    import { StrictMode, createElement as h } from 'react';
    import { createRoot } from 'react-dom/client';
    import { useSse } from '@nestcast/client/react';

    function News(options) {
      const { status, data } = useSse('/news', options);
      return h('p', null, status + ' ' + data);
    }
    export function show(options) {
      const root = createRoot(document.body);
      root.render(h(StrictMode, null, h(News, options)));
      return () => root.unmount();
    }`,
  Vue: `
    import { createApp, h } from 'vue';
    import { useSse } from '@nestcast/client/vue';

    export function show(options) {
      const app = createApp({
        setup() {
          const { status, data } = useSse('/news', options);
          return () => h('p', status.value + ' ' + data.value);
        },
      });
      app.mount(document.body);
      return () => app.unmount();
    }`,
};

describe.each(Object.entries(frameworks))('a component of %s in Chromium', (_name, module) => {
  let app: TestApp;
  let context: BrowserContext;
  let page: Page;

  beforeEach(async () => {
    app = await startApp('express', {
      controllers: [NewsController],
      sse: { retry: { ms: 50, jitter: 0 } },
    });
    context = await clientContext(browser(), module);
    page = await context.newPage();
    await page.goto(app.url);
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const text = (wanted: string) => page.waitForFunction(`document.body.textContent === '${wanted}'`);
  const publish = (data: number) => app.channels.publish('news', { type: 'count', data });

  it(
    'shows events, misses none when it is cut off, and takes its connection with it',
    async () => {
      const opened = nextOpen(app);
      await page.evaluate(`{
        globalThis.heard = [];
        globalThis.unmount = nestcast.show({ on: { count: ({ data }) => heard.push(data) } });
      }`);
      await opened;
      await publish(1);
      await text('open 1');
      expect(app.channels.stats().connections).toBe(1);
      const again = nextOpen(app);
      app.channels.connections().forEach((connection) => connection.close());
      await publish(2);
      await again;
      await publish(3);
      await text('open 3');
      expect(await page.evaluate('heard')).toEqual([1, 2, 3]);
      const closed = nextClose(app);
      await page.evaluate('unmount()');
      expect(await closed).toBe('client');
      expect(app.channels.stats().connections).toBe(0);
    },
    BROWSER_TEST_MS,
  );
});
