import { afterEach, describe, expect, it } from '@jest/globals';
import { ResumingClient, openSse, type SseStream, type StreamEvent } from '@nestcast/testing';

import type { NotificationEvents } from '../apps/notifications/src/notifications/notification-events.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { SampleNodes } from './support/sample-nodes.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';
import { until } from './support/until.js';

const PROCESS_TEST_MS = 120_000;
let opened: SseStream[] = [];
let ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  for (const end of ends.toReversed()) {
    await end();
  }
  [opened, ends] = [[], []];
}, PROCESS_TEST_MS);

async function startNodes(...how: Parameters<typeof SampleNodes.start>): Promise<SampleNodes> {
  const nodes = await SampleNodes.start(...how);
  ends.push(() => nodes.destroy());
  return nodes;
}

async function start(environment: Readonly<Record<string, string>>): Promise<SampleProcess> {
  const sample = await SampleProcess.start(environment);
  ends.push(() => sample.kill());
  return sample;
}

async function open(url: string, { cookie }: SampleUser, lastEventId?: string): Promise<SseStream> {
  const stream = await openSse(`${url}/notifications/stream`, {
    headers: { cookie },
    timeoutMs: 15_000,
    ...(lastEventId !== undefined && { lastEventId }),
  });
  opened.push(stream);
  return stream;
}

/** The next event of this type, and what it says. */
async function next<Type extends keyof NotificationEvents | 'node.serving'>(
  stream: SseStream,
  type: Type,
): Promise<Type extends keyof NotificationEvents ? NotificationEvents[Type] : { readonly name: string }> {
  let event: StreamEvent;
  do {
    event = await stream.next();
  } while (event.type !== type);
  return JSON.parse(event.data);
}

const nextTitle = async (stream: SseStream): Promise<string> =>
  (await next(stream, 'notification.created')).notification.title;

const status = async (url: string, user: SampleUser, path: string): Promise<number> =>
  (await user.at(url).get(path)).status;

describe('the sample', () => {
  it.each([
    ['memory', 'embedded', 1],
    ['memory', 'server', 1],
    ['cluster', 'embedded', 2],
    ['cluster', 'server', 2],
    ['redis', 'server', 2],
  ] as const)(
    'with the %s broker and its database %s is one product',
    async (broker, database, nodes) => {
      const sample = await startNodes(broker, database);
      await until(() => sample.workersAreUp(), PROCESS_TEST_MS);
      const [urlA, urlB] = sample.ends;
      const ada = await SampleUser.signIn(urlA, 'ada');
      const grace = await SampleUser.signIn(urlB, 'grace');
      // A session of one counts on the other.
      expect(await status(urlB, ada, '/session')).toBe(200);
      const streams = [await open(urlA, ada), await open(urlB, ada)] as const;
      if (nodes === 2) {
        const names = await Promise.all(streams.map((stream) => next(stream, 'node.serving')));
        expect(new Set(names.map(({ name }) => name)).size).toBe(2);
      }

      await grace.tell('ada', 'for ada');
      await ada.at(urlB).tell('*', 'for all');
      for (const stream of streams) {
        expect([await nextTitle(stream), await nextTitle(stream)].toSorted()).toEqual(['for ada', 'for all']);
      }
      const [latest] = (await ada.inbox()).items;
      await ada.at(urlB).post('/notifications/read', { upTo: latest?.id });
      for (const stream of streams) {
        expect((await next(stream, 'notification.read')).ids).toHaveLength(2);
      }

      const [gone] = streams;
      await gone.abort();
      await grace.tell('ada', 'meanwhile');
      const back = await open(urlB, ada, gone.lastEventId);
      expect(await nextTitle(back)).toBe('meanwhile');
      const [atA, atB] = await Promise.all([ada.at(urlA).inbox(), ada.at(urlB).inbox()]);
      expect(atA).toEqual(atB);
      expect(atA.items.map(({ read }) => read)).toEqual([false, true, true]);
    },
    PROCESS_TEST_MS,
  );

  it(
    'on two nodes: signs out everywhere, counts streams over both, and outlives its database and its Redis',
    async () => {
      const { ends: urls, postgres, redis } = await startNodes('redis', 'server');
      const [urlA, urlB] = urls;
      const [laptop, phone] = [await SampleUser.signIn(urlA, 'ada'), await SampleUser.signIn(urlB, 'ada')];
      const streams = [await open(urlA, laptop), await open(urlB, phone), await open(urlB, phone)];
      expect((await open(urlA, laptop)).status).toBe(429);
      expect((await open(urlB, phone)).status).toBe(429);
      expect((await laptop.delete('/session/everywhere')).status).toBe(204);
      for (const stream of streams) {
        expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
      }
      for (const url of urls) {
        expect(await status(url, laptop, '/session')).toBe(401);
        expect(await status(url, phone, '/notifications/stream')).toBe(401);
      }

      const grace = await SampleUser.signIn(urlA, 'grace');
      const client = new ResumingClient(`${urlB}/notifications/stream`, {
        headers: { cookie: grace.cookie },
        timeoutMs: PROCESS_TEST_MS,
      });
      ends.push(() => client.close());
      const told = (title: string): Promise<unknown> =>
        client.until(() => client.events.some(({ data }) => data.includes(title)));
      await client.connected();
      await redis?.kill();
      // It is kept, and told of later.
      expect((await grace.tell('grace', 'without Redis')).status).toBe(201);
      await redis?.restart();
      await told('without Redis');

      await postgres?.kill();
      for (const url of urls) {
        for (const answer of [
          await grace.at(url).tell('grace', 'lost'),
          await grace.at(url).get('/session'),
        ]) {
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
          expect(await answer.json()).toMatchObject({ message: expect.stringContaining('Try again') });
        }
        expect(await status(url, grace, '/health/live')).toBe(200);
      }
      await postgres?.restart();
      while ((await grace.tell('grace', 'is back')).status !== 201) {
        // Until the node has found its database again.
      }
      await told('is back');
      expect(client.gaps).toEqual([]);
    },
    PROCESS_TEST_MS,
  );

  it(
    'on two workers goes on when one dies, and ends when the primary does',
    async () => {
      const sample = await startNodes('cluster', 'embedded');
      await until(() => sample.workersAreUp(), PROCESS_TEST_MS);
      const [url] = sample.ends;
      const [primary] = sample.nodes as [SampleProcess];
      const ada = await SampleUser.signIn(url, 'ada');
      const streams = [await open(url, ada), await open(url, ada)];
      const names = await Promise.all(
        streams.map(async (stream) => (await next(stream, 'node.serving')).name),
      );
      const pid = Number(new RegExp(`${names[0]} \\((\\d+)\\) is up`).exec(primary.output)?.[1]);
      process.kill(pid, 'SIGKILL');
      const [orphan, other] = streams as [SseStream, SseStream];
      await orphan.ended;
      await ada.tell('ada', 'meanwhile');
      expect(await nextTitle(other)).toBe('meanwhile');
      expect(await nextTitle(await open(url, ada, orphan.lastEventId))).toBe('meanwhile');
      await until(() => /worker 3 \(\d+\) is up/.test(primary.output), PROCESS_TEST_MS);
      await primary.kill();
      await other.ended;
      await expect(ada.get('/session')).rejects.toThrow('fetch failed');
    },
    PROCESS_TEST_MS,
  );

  it.each([
    [{ BROKER: 'kafka' }, 'BROKER must be one of memory, cluster, redis'],
    [{ BROKER: 'redis', REDIS_URL: 'redis://127.0.0.1:1' }, 'DATABASE_URL must be set with BROKER=redis'],
    [
      { BROKER: 'redis', REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgresql://127.0.0.1:1/none' },
      'SESSION_SECRET must be set with BROKER=redis',
    ],
    [{ WORKERS: '2' }, 'WORKERS is for BROKER=cluster'],
    [{ DATABASE_URL: 'mysql://127.0.0.1:1' }, 'DATABASE_URL must be a URL that begins with postgresql://'],
    [{ DATABASE_URL: 'postgresql://127.0.0.1:1/none' }, 'ECONNREFUSED'],
  ])(
    'does not start with %j, and says why',
    async (environment: Readonly<Record<string, string>>, message) => {
      const sample = await start(environment);
      expect(await sample.ended).toBe(1);
      expect(sample.output).toContain(message);
    },
    PROCESS_TEST_MS,
  );

  it(
    'does not open a folder that another process has open, alone or for workers',
    async () => {
      const DATABASE_FOLDER = await sampleFolder();
      ends.push(() => deleteFolder(DATABASE_FOLDER));
      const first = await start({ DATABASE_FOLDER });
      await first.url();
      const others = [
        await start({ DATABASE_FOLDER }),
        await start({ DATABASE_FOLDER, BROKER: 'cluster', WORKERS: '2' }),
      ];
      for (const other of others) {
        expect(await other.ended).toBe(1);
        expect(other.output).toContain(`is open in the process ${first.processId}. Stop that one`);
      }
      expect((await fetch(`${await first.url()}/health/live`)).status).toBe(200);
    },
    PROCESS_TEST_MS,
  );
});
