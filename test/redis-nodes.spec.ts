import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { type SseStream, openSse } from '@nestcast/testing';
import { Nodes } from './faults/src/nodes.js';
import { playRound, roundDefaults } from './faults/src/round.js';
import { BUILD_TIMEOUT_MS, buildNodes } from './support/build-nodes.js';

const TIMEOUT_MS = 60_000;
const CLIENTS = 500;

describe('application nodes over one Redis', () => {
  let redis: RedisServer;
  let nodes: Nodes | undefined;
  const streams: SseStream[] = [];

  beforeAll(buildNodes, BUILD_TIMEOUT_MS);
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.abort()));
    await nodes?.kill();
    await redis.stop();
  });

  /** Opens a stream on the node of this number; it has begun when this resolves. */
  async function open(node: number, path: string): Promise<SseStream> {
    const stream = await openSse(`${nodes?.at(node).url}${path}`);
    streams.push(stream);
    await stream.connectionId();
    return stream;
  }

  it(
    'give each event once, in order, to every client of either',
    async () => {
      const { counts, complaints } = await playRound(
        {
          name: 'none',
          prepare: () =>
            Promise.resolve({
              broker: { kind: 'redis', url: redis.url },
              strike: () => Promise.resolve(),
              close: () => Promise.resolve(),
            }),
        },
        { ...roundDefaults, leadMs: 1_000, tailMs: 1_000 },
      );
      expect(complaints).toEqual([]);
      expect(counts.acknowledged).toBe(counts.published);
      expect(counts.gaps).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    `make at most 2 connections to Redis each, for ${CLIENTS} clients of as many channels on a node`,
    async () => {
      nodes = await Nodes.start(2, { kind: 'redis', url: redis.url });
      await Promise.all(
        Array.from({ length: CLIENTS }, (_, client) => open(0, `/stream?channel=user/${client}`)),
      );
      await open(1, '/stream?channel=user/0');
      expect(await nodes.at(0).ask('connections')).toBe(CLIENTS);
      // One line is the question's own connection.
      const clients = (await redis.command('CLIENT', 'LIST'))
        .split('\n')
        .filter((line) => line.includes('id='));
      expect(clients.length - 1).toBeLessThanOrEqual(2 * 2);

      await nodes.at(1).ask('publish', 'user/499', 'across');
      expect((await streams[499]?.next())?.data).toBe('across');
    },
    TIMEOUT_MS,
  );

  it(
    'end their streams where Redis comes back with nothing, so that guards decide anew, and tell of the gap',
    async () => {
      nodes = await Nodes.start(2, { kind: 'redis', url: redis.url });
      const opened = [await open(0, '/stream?channel=room'), await open(1, '/stream?channel=room')];
      await nodes.at(0).ask('publish', 'room', 'gone');
      const ids = await Promise.all(opened.map(async (stream) => (await stream.next()).id));
      await redis.kill();
      await redis.restart();
      for (const stream of opened) {
        const goodbye = await stream.control('sse:goodbye', { timeoutMs: 20_000 });
        expect(goodbye).toMatchObject({ reason: 'server', retryMs: expect.any(Number) });
        expect(await stream.ended).toBe('end');
      }
      const back = await openSse(`${nodes.at(1).url}/stream?channel=room`, { lastEventId: ids[0] ?? '' });
      streams.push(back);
      expect(await back.control('sse:gap')).toMatchObject({ reason: 'epoch' });
    },
    TIMEOUT_MS,
  );

  it(
    'tell who is present on all of them, and disconnect whoever is meant on all of them',
    async () => {
      nodes = await Nodes.start(2, { kind: 'redis', url: redis.url });
      const ada = [
        await open(0, '/stream?channel=room&user=ada'),
        await open(1, '/stream?channel=room&user=ada'),
      ];
      const bob = await open(1, '/stream?channel=room&user=bob');
      const carol = await open(0, '/stream?channel=hall&user=carol');

      const present = await nodes.at(0).ask('presence', 'room');
      expect(present.toSorted((one, other) => other.connections - one.connections)).toEqual([
        { userId: 'ada', connections: 2 },
        { userId: 'bob', connections: 1 },
      ]);

      const id = await nodes.at(1).ask('publish', 'room', 'the last for ada');
      expect(await nodes.at(0).ask('disconnect', { userId: 'ada' }, 'revoked')).toBe(2);
      await nodes.at(1).ask('publish', 'room', 'for bob alone');

      for (const stream of ada) {
        expect(await stream.next()).toMatchObject({ data: 'the last for ada', id });
        expect(await stream.control('sse:goodbye')).toMatchObject({ reason: 'revoked' });
        expect(await stream.ended).toBe('end');
      }
      expect((await bob.take(2)).map(({ data }) => data)).toEqual(['the last for ada', 'for bob alone']);
      expect(carol.received.map(({ type }) => type)).toEqual(['sse:connected']);
      expect(await nodes.at(1).ask('presence', 'room')).toEqual([{ userId: 'bob', connections: 1 }]);
    },
    TIMEOUT_MS,
  );
});
