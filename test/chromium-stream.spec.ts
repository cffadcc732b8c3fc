import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  LastEventId,
  SseChannel,
  SseChannelRegistry,
  SseCompression,
  type SseEvent,
  SseJobs,
  type SseModuleOptions,
} from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';
import type { Server } from 'node:http';
import type { BrowserContext, Response } from 'playwright-core';
import { Subject } from 'rxjs';
import { useChromium } from './support/chromium.js';
import { EMPTY_PAGE, EventSourcePage } from './support/event-source-page.js';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const BROWSER_TEST_MS = 30_000;
const WAIT_MS = 10_000;
const PROMPT_MS = 100;
const TYPES = ['count', 'sse:gap', 'sse:connected', 'sse:goodbye'];
const browser = useChromium();

@Controller()
class StreamController {
  /** The Last-Event-IDs that clients have come with. */
  readonly asked: (string | undefined)[] = [];
  readonly source = new Subject<SseEvent>();

  constructor(private readonly channels: SseChannelRegistry) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('news')
  news(@LastEventId() id: string | undefined) {
    this.asked.push(id);
    return 'news';
  }

  @SseChannel('private')
  @SseCompression({ encodings: ['br'] })
  private() {
    return this.source;
  }

  @SseChannel('job')
  job(@LastEventId() id: string | undefined) {
    this.asked.push(id);
    return this.channels.channel('job').fromStart();
  }
}

async function* countToThree() {
  yield { type: 'count', data: 1 };
  yield { type: 'count', data: 2 };
  yield { type: 'count', data: 3 };
}

describe.each(adapters)("Chromium's EventSource on %s", (adapter) => {
  let app: TestApp;
  let context: BrowserContext;
  let source: EventSourcePage;
  let responses: Response[];

  beforeEach(async () => {
    context = await browser().newContext();
    context.setDefaultTimeout(WAIT_MS);
  });
  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const start = async (sse: SseModuleOptions = {}): Promise<void> => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: {
        retry: { ms: 100, jitter: 0 },
        compression: { encodings: ['gzip'], thresholdBytes: 0 },
        ...sse,
      },
    });
    const page = await context.newPage();
    responses = [];
    page.on('response', (response) => responses.push(response));
    await page.goto(app.url);
    source = new EventSourcePage(page);
  };

  const publish = async (from: number, through: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let data = from; data <= through; data += 1) {
      ids.push(await app.channels.publish('news', { type: 'count', data }));
    }
    return ids;
  };

  /** Cuts every connection, without a goodbye. */
  const cutAll = (): void => (app.app.getHttpServer() as Server).closeAllConnections();
  const asked = (): (string | undefined)[] => app.app.get(StreamController).asked;

  // Chromium takes Brotli over https, and over http from this very machine.
  it.each([
    ['gzip', '/news'],
    ['br', '/private'],
  ])(
    'shows each event of a stream in %s at once',
    async (coding, path) => {
      await start();
      await source.follow(path, TYPES);
      await source.until('seen.events.length === 1');
      const publishedAt: number[] = [];
      for (let data = 1; data <= 20; data += 1) {
        publishedAt.push(Date.now());
        app.app.get(StreamController).source.next({ type: 'count', data });
        await app.channels.publish('news', { type: 'count', data });
        await source.until(`seen.events.length === ${data + 1}`);
      }
      const { events, opens, errors } = await source.until('true');
      const counts = events.filter(({ type }) => type === 'count');
      expect(counts.map(({ data }) => Number(data))).toEqual(publishedAt.map((_, index) => index + 1));
      const delays = counts.map(({ at }, index) => at - (publishedAt[index] ?? 0));
      // None waits for the next one, which is not published before it is seen; a busy machine may hold up a few.
      expect(delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.8)]).toBeLessThan(PROMPT_MS);
      expect([opens, errors]).toEqual([1, 0]);
      const response = responses.find((each) => each.url().endsWith(path));
      expect(response?.headers()['content-encoding']).toBe(coding);
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back by itself after a close, with its last id, and misses nothing',
    async () => {
      await start();
      await source.follow('/news', TYPES);
      await source.until('seen.opens === 1');
      const before = await publish(1, 3);
      await source.until('seen.events.filter(({ type }) => type === "count").length === 3');
      const again = nextOpen(app);
      app.channels.connections().forEach((connection) => connection.close());
      const meanwhile = await publish(4, 6);
      await again;
      const after = await publish(7, 9);
      const { events, opens, errors } = await source.until('seen.events.some(({ data }) => data === "9")');
      const counts = events.filter(({ type }) => type === 'count');
      expect(counts.map(({ data }) => Number(data))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(counts.map(({ lastEventId }) => lastEventId)).toEqual([...before, ...meanwhile, ...after]);
      expect(events.filter(({ type }) => type.startsWith('sse:')).map(({ type }) => type)).toEqual([
        'sse:connected',
        'sse:goodbye',
        'sse:connected',
      ]);
      expect([opens, errors]).toEqual([2, 1]);
      expect(asked()).toEqual([undefined, before[2]]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'resumes though it was cut off before its first event',
    async () => {
      await start();
      const [first] = await publish(1, 1);
      await source.follow('/news', TYPES);
      await source.until('seen.events.length === 1');
      cutAll();
      await publish(2, 3);
      const { events } = await source.until('seen.events.some(({ data }) => data === "3")');
      expect(events.filter(({ type }) => type === 'count').map(({ data }) => data)).toEqual(['2', '3']);
      expect(asked()).toEqual([undefined, first]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'is told of the gap when the log has moved on',
    async () => {
      await start({ history: { maxEvents: 5 }, retry: { ms: 100, jitter: 0 } });
      await source.follow('/news', TYPES);
      await source.until('seen.opens === 1');
      const [first] = await publish(1, 1);
      await source.until('seen.events.some(({ data }) => data === "1")');
      cutAll();
      const ids = await publish(2, 12);
      const { events } = await source.until('seen.events.some(({ data }) => data === "12")');
      const resumed = events.slice(events.findLastIndex(({ type }) => type === 'sse:connected') + 1);
      expect(resumed.map(({ type, data }) => (type === 'count' ? Number(data) : type))).toEqual([
        'sse:gap',
        8,
        9,
        10,
        11,
        12,
      ]);
      expect(JSON.parse(resumed[0]?.data ?? '')).toEqual({
        reason: 'trimmed',
        channels: ['news'],
        id: ids.at(-1),
      });
      expect(asked()).toEqual([undefined, first]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'stops after the end of a job, by a 204',
    async () => {
      await start();
      await app.app.get(SseJobs).start('job', countToThree).done;
      await source.follow('/job', TYPES);
      const { events, opens } = await source.until('source.readyState === 2');
      expect(events.map(({ type, data }) => (type === 'count' ? Number(data) : type))).toEqual([
        'sse:connected',
        1,
        2,
        3,
        'sse:goodbye',
      ]);
      expect(opens).toBe(1);
      expect(responses.filter((each) => each.url().endsWith('/job')).map((each) => each.status())).toEqual([
        200, 204,
      ]);
      expect(asked()).toHaveLength(2);
      expect(app.channels.connections()).toEqual([]);
    },
    BROWSER_TEST_MS,
  );
});
