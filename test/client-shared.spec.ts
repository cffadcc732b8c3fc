import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseChannelRegistry } from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { ClientTab } from './support/client-tab.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { type TestApp, startApp } from './support/nest-app.js';
import { Numbers } from './support/numbers.js';
import { until } from './support/until.js';

const BROWSER_TEST_MS = 30_000;
/** The most that a browser has open to one host over HTTP/1.1. */
const CONNECTIONS = 6;
const SHARED = `{ shared: true }`;
const browser = useChromium();

/** Its process dies. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const [gone] = await Promise.allSettled([page.goto('chrome://crash'), crashed]);
  expect(gone.status).toBe('rejected');
}

/** The first is the one that has the connection. */
async function leaderFirst(tabs: readonly ClientTab[]): Promise<ClientTab[]> {
  let leads = -1;
  while (leads === -1) {
    const transports = await Promise.all(
      tabs.map(({ page }) => page.evaluate<string>('client.getSnapshot().transport')),
    );
    leads = transports.indexOf('stream');
  }
  return [...tabs.slice(leads), ...tabs.slice(0, leads)];
}

@Controller()
class NewsController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @Get(['', 'pages'])
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('story')
  story() {
    return this.channels.channel('news').fromStart();
  }
}

describe('one connection for all tabs of Chromium', () => {
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
  /** Streams that stay: what a tab makes up is answered and over. */
  const oneConnection = (): Promise<void> => until(() => connections() === 1);

  async function openTab(path = 'news', options = SHARED, page = '/'): Promise<ClientTab> {
    const tab = await ClientTab.open(context, app.url + page);
    await tab.follow(path, options);
    await tab.untilStatus('open');
    return tab;
  }

  function openTabs(count: number, path?: string, options?: string): Promise<ClientTab[]> {
    return Promise.all(Array.from({ length: count }, () => openTab(path, options)));
  }

  it(
    'keeps seven tabs live, and leaves the others for pages',
    async () => {
      const tabs = await openTabs(CONNECTIONS + 1);
      await oneConnection();
      await publish(5);
      for (const tab of tabs) {
        expect((await tab.untilNumbers(5)).numbers).toEqual(numbers.all);
      }
      const eighth = await ClientTab.open(context, app.url);
      expect(await eighth.page.evaluate<number>(`fetch('/').then(({ status }) => status)`)).toBe(200);
      expect(connections()).toBe(1);
      await leaderFirst(tabs);
    },
    BROWSER_TEST_MS,
  );

  it(
    'is needed: with a connection each, the seventh tab has none',
    async () => {
      const first = await openTab('news', '{}');
      for (let count = 1; count < CONNECTIONS; count += 1) {
        await first.run(`nestcast.createSseClient('news')`);
      }
      await until(() => connections() === CONNECTIONS);
      const seventh = await context.newPage();
      await expect(seventh.goto(app.url, { timeout: 500 })).rejects.toThrow('Timeout');
    },
    BROWSER_TEST_MS,
  );

  it(
    'loses and doubles nothing while the tab that has it goes ten times',
    async () => {
      let tabs = await openTabs(12, 'story');
      const stop = new AbortController();
      const publisher = (async () => {
        while (!stop.signal.aborted) {
          await publish(2);
          await delay(4);
        }
      })();
      for (let round = 0; round < 10; round += 1) {
        const [leader, ...others] = await leaderFirst(tabs);
        const seen = numbers.published;
        if (round % 3 === 0) {
          await crash(leader?.page as Page);
        } else {
          await leader?.page.close();
        }
        tabs = others;
        // Whoever leads now, the numbers go on.
        await Promise.all(tabs.map((tab) => tab.untilNumbers(seen + 1)));
        await until(() => connections() === 1);
      }
      stop.abort();
      await publisher;
      await publish(1);
      for (const tab of tabs) {
        expect((await tab.untilNumbers(numbers.published)).numbers).toEqual(numbers.all);
      }
    },
    BROWSER_TEST_MS,
  );

  it(
    'gives a tab that comes later what the channel begins with',
    async () => {
      await publish(3);
      const [first] = await openTabs(1, 'story');
      await publish(2);
      const late = await openTab('story');
      await publish(2);
      for (const tab of [first, late]) {
        expect((await tab?.untilNumbers(7))?.numbers).toEqual(numbers.all);
      }
      await oneConnection();
    },
    BROWSER_TEST_MS,
  );

  it.each([
    ['that has the connection', 0],
    ['that has not', 1],
  ])(
    'lets a tab go on that is loaded anew: one %s',
    async (_which, index) => {
      const options = '{ shared: true, persist: true }';
      const tabs = await leaderFirst(await openTabs(2, 'news', options));
      await publish(3);
      for (const tab of tabs) {
        await tab.untilNumbers(3);
      }
      const [loaded, other] = [tabs[index] as ClientTab, tabs[1 - index] as ClientTab];
      await loaded.page.goto('about:blank');
      await publish(3);
      await loaded.page.goto(app.url);
      await loaded.follow('news', options);
      await publish(3);
      expect((await loaded.untilNumbers(6)).numbers).toEqual(numbers.all.slice(3));
      expect((await other.untilNumbers(9)).numbers).toEqual(numbers.all);
      await oneConnection();
    },
    BROWSER_TEST_MS,
  );

  it(
    'keeps apart who is signed in by the name',
    async () => {
      const tabs = [
        ...(await openTabs(2, 'news', `{ shared: true, name: 'of Ann' }`)),
        await openTab('news', `{ shared: true, name: 'of Bob' }`),
      ];
      await until(() => connections() === 2);
      await tabs[0]?.run('client.close()');
      await tabs[1]?.run('client.close()');
      await oneConnection();
      await publish(1);
      await tabs[2]?.untilNumbers(1);
      expect((await tabs[1]?.seen())?.numbers).toEqual([]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'knows a URL by what it is on its page',
    async () => {
      await openTab('news');
      await openTab('../news', SHARED, '/pages/');
      await oneConnection();
      const other = await ClientTab.open(context, `${app.url}/pages/`);
      await other.follow('news', SHARED);
      // There is no such stream.
      expect((await other.untilStatus('closed')).errors).toEqual([404]);
      expect(connections()).toBe(1);
    },
    BROWSER_TEST_MS,
  );

  it(
    'hands the connection on when the page is hidden, and when it goes',
    async () => {
      const [first, second] = await leaderFirst(
        await openTabs(2, 'news', '{ shared: true, pauseWhenHidden: true }'),
      );
      await first?.run(
        `Object.defineProperty(document, 'hidden', { value: true, configurable: true }),
         document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`,
      );
      await second?.until(`client.getSnapshot().transport === 'stream'`);
      expect((await first?.untilStatus('waiting'))?.errors).toEqual([]);
      await publish(2);
      await second?.untilNumbers(2);
      await first?.run(
        `delete document.hidden, document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`,
      );
      expect((await first?.untilNumbers(2))?.numbers).toEqual(numbers.all);
      await oneConnection();
    },
    BROWSER_TEST_MS,
  );

  it(
    'is each tab’s own where there are no locks',
    async () => {
      await context.addInitScript(`Object.defineProperty(navigator, 'locks', { value: undefined })`);
      const tabs = await openTabs(2);
      expect(connections()).toBe(2);
      await publish(1);
      for (const tab of tabs) {
        await tab.untilNumbers(1);
      }
    },
    BROWSER_TEST_MS,
  );
});
