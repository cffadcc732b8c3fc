import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { nextClose, nextOpen } from './support/lifecycle.js';
import { type TestApp, startApp } from './support/nest-app.js';

const BROWSER_TEST_MS = 30_000;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 300_000);
afterAll(() => browser.close());

@Controller()
class PricesController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('prices')
  prices() {
    return 'prices';
  }
}

/** Modules that export `show(options)`, which returns what unmounts the component again. */
const frameworks = {
  React: `
    import { StrictMode, createElement as h } from 'react';
    import { createRoot } from 'react-dom/client';
    import { useSse } from '@nestcast/client/react';

    function Price(options) {
      const { status, data } = useSse('/prices', options);
      return h('p', null, status + ' ' + data);
    }
    export function show(options) {
      const root = createRoot(document.body);
      root.render(h(StrictMode, null, h(Price, options)));
      return () => root.unmount();
    }`,
  Vue: `
    import { createApp, h } from 'vue';
    import { useSse } from '@nestcast/client/vue';

    export function show(options) {
      const app = createApp({
        setup() {
          const { status, data } = useSse('/prices', options);
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
      controllers: [PricesController],
      sse: { retry: { ms: 50, jitter: 0 } },
    });
    context = await clientContext(browser, module);
    page = await context.newPage();
    await page.goto(app.url);
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const text = (wanted: string) => page.waitForFunction(`document.body.textContent === '${wanted}'`);
  const publish = (data: number) => app.channels.publish('prices', { type: 'price', data });

  it(
    'shows events, misses none when it is cut off, and takes its connection with it',
    async () => {
      const opened = nextOpen(app);
      await page.evaluate(`{
        globalThis.heard = [];
        globalThis.unmount = nestcast.show({ on: { price: ({ data }) => heard.push(data) } });
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
