import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseEvent, type SseModuleOptions } from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';
import type { BrowserContext } from 'playwright-core';
import { NEVER, type Observable, concat, of } from 'rxjs';
import { useChromium } from './support/chromium.js';
import { EMPTY_PAGE, EventSourcePage } from './support/event-source-page.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { until } from './support/until.js';

const BROWSER_TEST_MS = 30_000;
const WAIT_MS = 10_000;
const RETRY_MS = 100;
const TYPES = ['sse:connected', 'sse:goodbye'];
const browser = useChromium();

@Controller()
class StreamController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('private')
  private(): Observable<SseEvent> {
    return concat(of({ data: 'hello' }), NEVER);
  }

  @SseChannel('short')
  short(): Observable<SseEvent> {
    return of({ data: 'hello' });
  }
}

describe.each(adapters)("Chromium's EventSource on %s", (adapter) => {
  let app: TestApp;
  let context: BrowserContext;

  beforeEach(async () => {
    context = await browser().newContext();
    context.setDefaultTimeout(WAIT_MS);
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  async function start(limits: SseModuleOptions['limits']): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { retry: { ms: RETRY_MS, jitter: 0 }, limits },
    });
  }

  async function tab(path: string): Promise<EventSourcePage> {
    const page = await context.newPage();
    await page.goto(app.url);
    const source = new EventSourcePage(page);
    await source.follow(path, TYPES);
    return source;
  }

  const refused = (): number => app.channels.stats().refusals.total;

  /** Resolves once so many have been refused: each is at least a retry period after the one before. */
  const untilRefused = (count: number): Promise<void> => until(() => refused() >= count, WAIT_MS);

  it(
    'comes back by itself after a refusal as a stream, and is let in once there is room',
    async () => {
      await start({ total: 1, refusal: 'stream' });
      const first = await app.open('/news');
      const connectionId = await first.connectionId();
      const source = await tab('/news');
      await untilRefused(3);
      const { events } = await source.until('seen.events.length >= 3');
      expect(JSON.parse(events[0]?.data ?? '')).toEqual({
        reason: 'server',
        limit: 'total',
        retryMs: RETRY_MS,
      });
      await app.channels.disconnect({ connectionId });
      await source.until('seen.events.some(({ type }) => type === "sse:connected")');
      const { readyState } = await source.until('true');
      expect(readyState).toBe(1);
      expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 2 });
    },
    BROWSER_TEST_MS,
  );

  it(
    'does not come back after a refusal that stops',
    async () => {
      await start({ total: 1, refusal: 'stop' });
      const first = await app.open('/news');
      const source = await tab('/news');
      await source.until('source.readyState === 2');
      await app.channels.disconnect({ connectionId: await first.connectionId() });
      // As long as another, that is told to come back, takes for three rounds.
      const other = await tab('/short');
      await other.until('seen.opens === 3');
      const { opens, errors, readyState } = await source.until('true');
      expect([opens, errors, readyState]).toEqual([0, 1, 2]);
      expect(refused()).toBe(1);
    },
    BROWSER_TEST_MS,
  );

  it.each(['/news', '/private'])(
    'of %s in two tabs with room for one: the newer stays, the older does not push it out',
    async (path) => {
      await start({ total: 1, refusal: 'stream', policy: 'evict-oldest' });
      const older = await tab(path);
      await older.until('seen.opens === 1');
      const newer = await tab(path);
      await newer.until('seen.events.some(({ type }) => type === "sse:connected")');
      await untilRefused(5);
      const { events } = await older.until('seen.events.length >= 3');
      expect(events.slice(0, 2).map(({ type, data }) => [type, JSON.parse(data) as object])).toEqual([
        ['sse:connected', { connectionId: expect.any(String), heartbeatMs: expect.any(Number) }],
        ['sse:goodbye', { reason: 'server', limit: 'total' }],
      ]);
      expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 2, closes: { server: 1 } });
      const { opens, errors, readyState } = await newer.until('true');
      expect([opens, errors, readyState]).toEqual([1, 0, 1]);
      // When there is room again, the older one has its turn.
      await newer.close();
      await older.until('seen.events.filter(({ type }) => type === "sse:connected").length === 2');
      expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 3, closes: { server: 1 } });
    },
    BROWSER_TEST_MS,
  );

  it(
    'whose stream ends again and again comes back each time, and takes the place of nobody',
    async () => {
      await start({ total: 1, refusal: 'stream', policy: 'evict-oldest' });
      const ending = await tab('/short');
      await ending.until('seen.opens === 2');
      const staying = await tab('/private');
      await staying.until('seen.events.some(({ type }) => type === "sse:connected")');
      await untilRefused(5);
      const { opens, errors, readyState } = await staying.until('true');
      expect([opens, errors, readyState]).toEqual([1, 0, 1]);
    },
    BROWSER_TEST_MS,
  );
});
