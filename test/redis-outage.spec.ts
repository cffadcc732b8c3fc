import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { type SseStream, openSse } from '@nestcast/testing';
import request from 'supertest';
import { CommandError } from './faults/src/app-node.js';
import { Nodes } from './faults/src/nodes.js';
import { BUILD_TIMEOUT_MS, buildNodes } from './support/build-nodes.js';

const TIMEOUT_MS = 60_000;
const HEARTBEAT_MS = 100;
/** Of a command; the default. */
const TIME_LIMIT_MS = 2_000;
/** What a busy machine takes on top. */
const SLACK_MS = 1_000;
const REJECTED = 5_000;
const SIZE = 1_000;

interface Outage {
  readonly way: string;
  readonly down: (redis: RedisServer) => void | Promise<void>;
  readonly up: (redis: RedisServer) => void | Promise<void>;
  /** What readiness says of it. */
  readonly detail: RegExp;
}

const outages: readonly Outage[] = [
  { way: 'is frozen', down: (redis) => redis.freeze(), up: (redis) => redis.resume(), detail: /no answer/ },
  { way: 'is dead', down: (redis) => redis.kill(), up: (redis) => redis.restart(), detail: /ECONNREFUSED/ },
];

describe.each(outages)('two nodes whose Redis $way', ({ down, up, detail }) => {
  let redis: RedisServer;
  let nodes: Nodes;
  let streams: SseStream[] = [];

  beforeAll(buildNodes, BUILD_TIMEOUT_MS);
  beforeEach(async () => {
    redis = await RedisServer.start({ config: { appendonly: 'yes' } });
    nodes = await Nodes.start(2, { kind: 'redis', url: redis.url }, { heartbeatMs: HEARTBEAT_MS });
    streams = await Promise.all(nodes.addresses.map((address) => openSse(`${address}/stream?channel=news`)));
    await Promise.all(streams.map((stream) => stream.connectionId()));
  }, TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(streams.map((stream) => stream.abort()));
    await nodes.kill();
    await redis.stop();
  });

  /** @returns what it has failed with, and after how long */
  async function failure(data: string): Promise<{ code: unknown; afterMs: number }> {
    const began = performance.now();
    try {
      await nodes.at(0).ask('publish', 'news', data);
    } catch (error) {
      return { code: error instanceof CommandError && error.code, afterMs: performance.now() - began };
    }
    throw new Error('It was published after all.');
  }

  const readiness = (node: number): Promise<request.Response> =>
    request(nodes.at(node).url)
      .get('/ready')
      .then((response) => response);

  it(
    'reject what is published, at once from the first time limit on, and keep their streams and say so until it is back',
    async () => {
      await nodes.at(0).ask('publish', 'news', 'before');
      expect((await readiness(0)).status).toBe(200);
      await down(redis);

      const first = await failure('first');
      expect(first.code).toBe('BROKER_UNAVAILABLE');
      expect(first.afterMs).toBeLessThan(TIME_LIMIT_MS + SLACK_MS);

      const before = await nodes.at(0).ask('heap');
      const began = performance.now();
      const failures = await Promise.all(
        Array.from({ length: REJECTED }, (_, index) => failure(String(index).padEnd(SIZE))),
      );
      expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['BROKER_UNAVAILABLE']));
      // All of them together take less than one that would wait.
      expect(performance.now() - began).toBeLessThan(TIME_LIMIT_MS + SLACK_MS);
      expect((await nodes.at(0).ask('heap')) - before).toBeLessThan((REJECTED * SIZE) / 2);

      const { status, body } = (await readiness(0)) as {
        status: number;
        body: { error: { streams: object } };
      };
      expect(status).toBe(503);
      expect(body.error.streams).toMatchObject({ status: 'down', broker: expect.stringMatching(detail) });

      for (const stream of streams) {
        const heartbeats = (): number => stream.frames.filter(({ comment }) => comment !== undefined).length;
        for (const seen = heartbeats(); heartbeats() < seen + 3;) {
          await stream.nextFrame();
        }
      }

      await up(redis);
      while ((await readiness(0)).status !== 200 || (await readiness(1)).status !== 200) {
        expect(performance.now() - began).toBeLessThan(TIMEOUT_MS / 2);
      }
      await nodes.at(1).ask('publish', 'news', 'after');
      for (const stream of streams) {
        expect((await stream.next()).data).toBe('before');
        // What was rejected may have been published; nothing else is.
        let { data } = await stream.next({ timeoutMs: 10_000 });
        while (data === 'first') {
          ({ data } = await stream.next());
        }
        expect(data).toBe('after');
        expect(stream.received.map(({ type }) => type)).not.toContain('sse:gap');
      }
    },
    TIMEOUT_MS,
  );
});
