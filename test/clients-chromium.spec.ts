import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { useChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { FollowedApp } from './support/followed-app.js';
import type { Adapter } from './support/nest-app.js';
import { type Follower, playFaults } from './support/play-faults.js';
import { until } from './support/until.js';

const BROWSER_TEST_MS = 30_000;

interface Seen {
  readonly data: readonly string[];
  readonly control: readonly string[];
  /** Messages without data, which are none of the standard's. */
  readonly blanks: number;
  readonly statuses: readonly number[];
  readonly stopped: boolean;
}

/** One of them in a page of its own. */
class PageFollower implements Follower {
  constructor(private readonly page: Page) {}

  follow(client: string, path: string, options: object): Promise<void> {
    return this.page.evaluate(
      `clients[${JSON.stringify(client)}](${JSON.stringify(path)}, ${JSON.stringify(options)})`,
    );
  }

  /** Resolves with what it has met once the JavaScript expression, over `seen`, holds. */
  async until(expression: string): Promise<Seen> {
    await this.page.waitForFunction(expression);
    return this.page.evaluate<Seen>('seen');
  }

  async untilCount(count: number): Promise<void> {
    await this.until(`seen.data.length >= ${count}`);
  }

  received(): Promise<readonly string[]> {
    return this.page.evaluate<string[]>('seen.data');
  }
}

const GET = { path: '/news', request: {} };
const POST = {
  path: '/ask',
  request: {
    method: 'POST',
    headers: { Authorization: 'Bearer of a token', 'Content-Type': 'application/json' },
    body: '{"topic":"news"}',
  },
};
const JOB = { path: '/job', request: {} };
const asked = { authorization: 'Bearer of a token', body: { topic: 'news' } };

const browser = useChromium();
let context: BrowserContext;
beforeAll(async () => {
  context = await clientContext(browser(), `import './clients-page.js';`);
}, 300_000);

let app: FollowedApp;
let page: Page;
let client: PageFollower;

async function start(adapter: Adapter): Promise<void> {
  app = await FollowedApp.start(adapter);
  page = await context.newPage();
  await page.goto(app.url);
  client = new PageFollower(page);
}
afterEach(async () => {
  await page.close();
  await app.close();
});

async function follow(name: string, { path, request }: typeof GET, options = {}): Promise<Seen> {
  await client.follow(name, path, { ...request, ...options });
  return client.until('seen.control.includes("sse:connected")');
}

const publish = (data: string): Promise<string> => app.channels.publish('news', { data });

describe('in Chromium', () => {
  it.each([
    ['EventSource', 'GET', 'fastify', GET],
    ['fetch-event-source', 'GET', 'express', GET],
    ['fetch-event-source', 'POST', 'fastify', POST],
    ['sse.js', 'GET', 'fastify', GET],
    ['sse.js', 'POST', 'express', POST],
  ] as const)(
    '%s by %s loses and doubles nothing while it is cut off and its server, on %s, starts again',
    async (name, method, adapter, way) => {
      await start(adapter);
      await follow(name, way);
      const published = await playFaults(app, client);
      const { data, control } = await client.until('true');
      expect(data).toEqual(published);
      expect(control).not.toContain('sse:gap');
      expect(control.includes('sse:heartbeat')).toBe(method === 'POST');
      expect(app.asked.length).toBeGreaterThanOrEqual(5);
      for (const [index, request] of app.asked.entries()) {
        expect(request).toEqual({
          path: way.path,
          lastEventId: index === 0 ? undefined : expect.any(String),
          ...(method === 'POST' && asked),
        });
      }
    },
    BROWSER_TEST_MS,
  );
});

describe.each(['fetch-event-source', 'sse.js'])('%s in Chromium', (name) => {
  beforeEach(() => start('express'));

  it(
    'resumes though it was cut off before its first event',
    async () => {
      const first = await publish('before');
      await follow(name, GET);
      app.cut();
      await publish('meanwhile');
      const { data } = await client.until('seen.data.length > 0');
      expect(data).toEqual(['meanwhile']);
      expect(app.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, first]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'stops after the end of a job where it is told to by a 204',
    async () => {
      await app.runJob();
      await follow(name, JOB);
      const { data, statuses } = await client.until('seen.stopped');
      expect(data).toEqual(['1', '2', '3']);
      expect(statuses).toEqual([200, 204]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back after a 204 where nobody tells it to stop',
    async () => {
      await app.runJob();
      await follow(name, JOB, { bare: true, onclose: 'come back' });
      await until(() => app.asked.length >= 4);
      const { data, stopped } = await client.until('true');
      expect([data, stopped]).toEqual([['1', '2', '3'], false]);
    },
    BROWSER_TEST_MS,
  );

  it(
    'comes back by itself after a 429, and is let in once there is room',
    async () => {
      const other = await app.occupy();
      await client.follow(name, '/one', { reconnectDelay: 100 });
      await client.until('seen.statuses.length > 0');
      await other.abort();
      const { statuses } = await client.until('seen.control.includes("sse:connected")');
      expect([statuses[0], statuses.at(-1)]).toEqual([429, 200]);
    },
    BROWSER_TEST_MS,
  );
});

describe('cut off within an event, in Chromium,', () => {
  beforeEach(() => start('express'));

  it.each([
    ['EventSource', 'has it once', ['whole', 'cut here', 'after']],
    ['sse.js', 'has it once', ['whole', 'cut here', 'after']],
    // It takes an id as seen when it has read its line, before the event is complete.
    ['fetch-event-source', 'loses it', ['whole', 'after']],
  ])(
    '%s %s',
    async (name, _does, expected) => {
      app.cutAfter('data: cut');
      await follow(name, GET);
      await publish('whole');
      await client.untilCount(1);
      const again = app.nextOpen();
      await publish('cut here');
      await again;
      await publish('after');
      const { data } = await client.until('seen.data.includes("after")');
      expect(data).toEqual(expected);
    },
    BROWSER_TEST_MS,
  );
});

describe('fetch-event-source in Chromium, by itself,', () => {
  beforeEach(() => start('express'));

  it(
    'stays away when the server has ended a stream in order',
    async () => {
      await follow('fetch-event-source', GET, { bare: true });
      await app.dismiss();
      const { control } = await client.until('seen.stopped');
      expect(control).toEqual(['sse:connected', 'sse:goodbye']);
      expect(app.asked).toHaveLength(1);
    },
    BROWSER_TEST_MS,
  );

  it(
    'hands out a message without data for a hint, an id and a heartbeat alone',
    async () => {
      const { blanks } = await follow('fetch-event-source', GET);
      app.beat();
      await publish('after');
      const after = await client.until('seen.data.length > 0');
      expect(after.blanks).toBeGreaterThan(blanks);
      expect(after.blanks).toBe(3);
    },
    BROWSER_TEST_MS,
  );
});
