import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { openSse, type SseStream } from '@nestcast/testing';

import { signIn, type SampleUser } from './support/sample-app.js';
import { SampleProcess } from './support/sample-process.js';
import { until } from './support/until.js';

const PROCESS_TEST_MS = 60_000;
let opened: SseStream[] = [];
let processes: SampleProcess[] = [];

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  await Promise.all(processes.map((sample) => sample.kill()));
  [opened, processes] = [[], []];
}, PROCESS_TEST_MS);

function start(environment: Record<string, string>): SampleProcess {
  const sample = SampleProcess.start(environment);
  processes.push(sample);
  return sample;
}

/** Opens a stream, and resolves with it and the name of the node that serves it. */
async function open(url: string, { cookie }: SampleUser): Promise<{ stream: SseStream; node: string }> {
  const stream = await openSse(`${url}/notifications/stream`, { headers: { cookie }, timeoutMs: 15_000 });
  opened.push(stream);
  expect(stream.status).toBe(200);
  const { type, data } = await stream.next();
  expect(type).toBe('node.serving');
  return { stream, node: (JSON.parse(data) as { name: string }).name };
}

const status = async (url: string, { cookie }: SampleUser, path: string): Promise<number> =>
  (await fetch(`${url}${path}`, { headers: { cookie }, signal: AbortSignal.timeout(10_000) })).status;

describe('the sample on two nodes over one Redis', () => {
  let redis: RedisServer;
  let nodeA: string;
  let nodeB: string;

  beforeAll(async () => {
    redis = await RedisServer.start({ config: { appendonly: 'yes', appendfsync: 'always' } });
  }, PROCESS_TEST_MS);
  afterAll(() => redis.stop());

  beforeEach(async () => {
    await redis.command('FLUSHALL');
    const shared = { BROKER: 'redis', REDIS_URL: redis.url, SESSION_SECRET: 'the same on both' };
    const samples = ['node A', 'node B'].map((NODE_NAME) => start({ ...shared, NODE_NAME }));
    [nodeA = '', nodeB = ''] = await Promise.all(samples.map((sample) => sample.url()));
  }, PROCESS_TEST_MS);

  it(
    'is one product: sessions, events and the list are the same on both',
    async () => {
      const ada = await signIn(nodeA, 'ada');
      const grace = await signIn(nodeB, 'grace');
      expect(await status(nodeB, ada, '/session')).toBe(200);
      const { stream, node } = await open(nodeB, ada);
      expect(node).toBe('node B');
      await (await signIn(nodeA, 'grace')).send({ userId: 'ada', title: 'from A', level: 'info' });
      await grace.send({ userId: '*', title: 'from B', level: 'info' });
      const [first, second] = (await stream.take(2)).map(({ data }) => JSON.parse(data) as object);
      expect([first, second]).toMatchObject([
        { title: 'from A', via: 'node A' },
        { title: 'from B', via: 'node B' },
      ]);
      for (const url of [nodeA, nodeB]) {
        const answer = await fetch(`${url}/notifications`, { headers: { cookie: ada.cookie } });
        expect(await answer.json()).toEqual([second, first]);
      }
    },
    PROCESS_TEST_MS,
  );

  it(
    'signs out everywhere: streams of both nodes are closed, and no cookie counts on either',
    async () => {
      const [laptop, phone] = [await signIn(nodeA, 'ada'), await signIn(nodeB, 'ada')];
      const { stream } = await open(nodeB, phone);
      const began = performance.now();
      expect((await laptop.signOutEverywhere()).status).toBe(204);
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
      expect(performance.now() - began).toBeLessThan(1_000);
      for (const url of [nodeA, nodeB]) {
        expect(await status(url, laptop, '/session')).toBe(401);
        expect(await status(url, phone, '/notifications/stream')).toBe(401);
      }
      expect(await status(nodeB, await signIn(nodeA, 'ada'), '/session')).toBe(200);
    },
    PROCESS_TEST_MS,
  );

  it(
    'counts a user’s streams over both nodes',
    async () => {
      const ada = await signIn(nodeA, 'ada');
      const { stream } = await open(nodeA, ada);
      await open(nodeB, ada);
      await open(nodeB, ada);
      expect(await status(nodeA, ada, '/notifications/stream')).toBe(429);
      expect(await status(nodeB, ada, '/notifications/stream')).toBe(429);
      await stream.abort();
      const refused = async (): Promise<boolean> => (await openOnce(nodeB, ada)) === 429;
      while (await refused()) {
        // The node has to notice that its client has gone.
      }
    },
    PROCESS_TEST_MS,
  );

  it(
    'says 503 while Redis is away, keeps its streams open, and goes on when it is back',
    async () => {
      const ada = await signIn(nodeA, 'ada');
      const { stream } = await open(nodeB, ada);
      await redis.kill();
      const refusal = await ada.send({ userId: 'ada', title: 'lost', level: 'info' });
      expect(refusal.status).toBe(503);
      expect(refusal.headers.get('retry-after')).toBe('2');
      expect(await refusal.json()).toMatchObject({
        message: 'That can’t be done now. Try again in a moment.',
      });
      expect(await status(nodeA, ada, '/health/live')).toBe(200);
      expect(await status(nodeA, ada, '/health/ready')).toBe(503);
      await redis.restart();
      while ((await ada.send({ userId: 'ada', title: 'back', level: 'info' })).status !== 201) {
        // Until the node has found Redis again.
      }
      const { data } = await stream.next();
      expect(JSON.parse(data)).toMatchObject({ title: 'back' });
    },
    PROCESS_TEST_MS,
  );
});

/** @returns the status; where it is 200 the stream is closed at once */
async function openOnce(url: string, { cookie }: SampleUser): Promise<number> {
  const stream = await openSse(`${url}/notifications/stream`, { headers: { cookie } });
  await stream.abort();
  return stream.status;
}

describe('the sample on two workers', () => {
  it(
    'is one product on one port, and goes on when a worker dies',
    async () => {
      const sample = start({ BROKER: 'cluster', WORKERS: '2' });
      const url = await sample.url();
      await until(() => (sample.output.match(/Open http/g)?.length ?? 0) === 2, PROCESS_TEST_MS);
      const ada = await signIn(url, 'ada');
      const streams = [await open(url, ada), await open(url, ada)] as const;
      expect(new Set(streams.map(({ node }) => node)).size).toBe(2);
      await ada.send({ userId: 'ada', title: 'to both', level: 'info' });
      for (const { stream } of streams) {
        expect(JSON.parse((await stream.next()).data)).toMatchObject({ title: 'to both' });
      }

      const [{ stream: orphan, node }, { stream: other }] = streams;
      const pid = Number(new RegExp(`${node} \\((\\d+)\\) is up`).exec(sample.output)?.[1]);
      process.kill(pid, 'SIGKILL');
      await orphan.ended;
      await ada.send({ userId: 'ada', title: 'meanwhile', level: 'info' });
      expect(JSON.parse((await other.next()).data)).toMatchObject({ title: 'meanwhile' });
      const back = await openSse(`${url}/notifications/stream`, {
        headers: { cookie: ada.cookie },
        lastEventId: orphan.lastEventId,
        timeoutMs: 15_000,
      });
      opened.push(back);
      const [, missed] = await back.take(2);
      expect(JSON.parse(missed?.data ?? '')).toMatchObject({ title: 'meanwhile' });
      await until(() => /worker 3 \(\d+\) is up/.test(sample.output), PROCESS_TEST_MS);
      sample.signal('SIGTERM');
      expect(await sample.ended).toBe(0);
    },
    PROCESS_TEST_MS,
  );
});

describe('the sample’s environment', () => {
  it.each([
    [{ BROKER: 'kafka' }, 'BROKER must be one of memory, cluster, redis'],
    [{ BROKER: 'redis', REDIS_URL: 'redis://127.0.0.1:1' }, 'SESSION_SECRET must be set with BROKER=redis'],
    [{ WORKERS: '2' }, 'WORKERS is for BROKER=cluster'],
  ])(
    'with %j stops the start by name',
    async (environment, message) => {
      const sample = start(environment);
      expect(await sample.ended).toBe(1);
      expect(sample.output).toContain(message);
    },
    PROCESS_TEST_MS,
  );
});
