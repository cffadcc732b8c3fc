import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ResumingClient, type SseStream, openSse } from '@nestcast/testing';
import { buildChild } from './support/child-app.js';
import { ClusterPublishing } from './support/cluster-publishing.js';
import { ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';
import { as } from './support/user.guard.js';

const BUILD_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 60_000;
const WORKERS = 3;
const CLIENTS = 30;

let file: string;
beforeAll(async () => {
  file = await buildChild('cluster-app');
}, BUILD_TIMEOUT_MS);

describe.each(adapters)('a cluster on %s', (adapter) => {
  let cluster: ClusterProcess;
  let publishing = new ClusterPublishing();
  const clients: ResumingClient[] = [];
  afterEach(async () => {
    const stopped = publishing.stop();
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await cluster.kill();
    await stopped;
  });

  async function start(): Promise<void> {
    cluster = await ClusterProcess.start(file, adapter, WORKERS);
    await cluster.up(WORKERS);
  }

  async function follow(count: number, path = '/stream'): Promise<ResumingClient[]> {
    const made = Array.from(
      { length: count },
      () => new ResumingClient(cluster.url + path, { timeoutMs: 30_000 }),
    );
    clients.push(...made);
    await Promise.all(made.map((client) => client.connected()));
    return made;
  }

  /** Resolves with what the log has when publishing is over, as one who reads it from its start tells. */
  async function logOf(): Promise<string[]> {
    const known = await publishing.stop();
    await cluster.publish('last');
    const [reader] = await follow(1, '/log');
    await reader?.until(({ events }) => events.at(-1)?.data === 'last');
    const log = reader?.events.map(({ data }) => data) ?? [];
    expect(log).toEqual(expect.arrayContaining([...known]));
    return log;
  }

  async function expectAll(log: readonly string[]): Promise<void> {
    for (const client of clients) {
      await client.until(({ events }) => events.at(-1)?.data === 'last');
      expect(client.events.map(({ data }) => data)).toEqual(log);
      expect(client.gaps).toEqual([]);
    }
  }

  it(
    'gives each event once, in order, to the clients of all workers, whichever has published it',
    async () => {
      await start();
      await follow(CLIENTS);
      const spread = (await cluster.workers()).map(({ connections }) => connections);
      expect(Math.min(...spread)).toBeGreaterThan(0);
      const publishers = new Set<number>();
      for (let number = 0; number < 60; number += 1) {
        publishers.add((await cluster.publish(String(number))).pid);
      }
      expect(publishers.size).toBe(WORKERS);
      await cluster.publish('last');
      await expectAll([...Array.from({ length: 60 }, (_, number) => String(number)), 'last']);
    },
    TIMEOUT_MS,
  );

  it(
    'loses and doubles nothing when a worker is killed under load, and has another in its place',
    async () => {
      await start();
      await follow(CLIENTS);
      publishing = new ClusterPublishing();
      publishing.begin(cluster);
      await publishing.more(50);
      const [victim] = await cluster.workers();
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await cluster.up(WORKERS + 1);
      await publishing.more(50);
      await expectAll(await logOf());
      const moved = clients.filter(({ reconnects }) => reconnects > 0);
      expect(moved.length).toBeGreaterThanOrEqual(victim?.connections ?? 0);
      expect(cluster.of('died')).toEqual([expect.objectContaining({ of: 'SIGKILL', restartInMs: 0 })]);
    },
    TIMEOUT_MS,
  );

  it(
    'loses and doubles nothing when a worker is blocked for 3 s',
    async () => {
      await start();
      await follow(CLIENTS);
      publishing = new ClusterPublishing();
      publishing.begin(cluster);
      await publishing.more(50);
      await cluster.ask('/block?ms=3000');
      await publishing.more(100);
      await expectAll(await logOf());
    },
    TIMEOUT_MS,
  );

  it(
    'lets in exactly 3 of 100 parallel opens of a user over all workers, whose slots come back with a dead worker',
    async () => {
      await start();
      const open = () => openSse(`${cluster.url}/stream`, as('ann'));
      const streams = await Promise.all(Array.from({ length: 100 }, open));
      expect(tallyOf(streams)).toEqual({ 200: 3, 429: 97 });
      const victims = (await cluster.workers()).filter(({ connections }) => connections > 0);
      victims.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
      await cluster.up(WORKERS + victims.length);
      const again = await Promise.all(Array.from({ length: 10 }, open));
      expect(tallyOf(again)).toEqual({ 200: 3, 429: 7 });
      await Promise.all([...streams, ...again].map((stream) => stream.abort()));
    },
    TIMEOUT_MS,
  );

  it(
    'tells who is there on all workers, and disconnects them from any',
    async () => {
      await start();
      const users = ['ann', 'ann', 'ann', 'bob', 'bob', 'bob'];
      const streams = await Promise.all(users.map((user) => openSse(`${cluster.url}/stream`, as(user))));
      const present = await cluster.ask<{ userId: string; connections: number }[]>('/presence');
      expect(present.toSorted((a, b) => a.userId.localeCompare(b.userId))).toEqual([
        expect.objectContaining({ userId: 'ann', connections: 3 }),
        expect.objectContaining({ userId: 'bob', connections: 3 }),
      ]);
      expect(await cluster.ask<number>('/disconnect?user=ann', 'POST')).toBe(3);
      await Promise.all(streams.slice(0, 3).map((stream) => stream.ended));
      expect((await cluster.workers()).reduce((total, worker) => total + worker.connections, 0)).toBe(3);
      await Promise.all(streams.map((stream) => stream.abort()));
    },
    TIMEOUT_MS,
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends all streams and workers at a %s, and then itself',
    async (signal) => {
      await start();
      const streams = await Promise.all(Array.from({ length: 9 }, () => openSse(`${cluster.url}/stream`)));
      cluster.signal(signal);
      expect(await cluster.exit).toBe(0);
      for (const stream of streams) {
        await stream.ended;
        expect(stream.received.at(-1)).toMatchObject({ type: 'sse:goodbye' });
      }
      expect(cluster.of('ended')).toHaveLength(WORKERS);
      expect(cluster.of('killed')).toEqual([]);
      expect(cluster.stderr).toBe('');
    },
    TIMEOUT_MS,
  );
});

/** How many streams have each status. */
function tallyOf(streams: readonly SseStream[]): Record<number, number> {
  const tally: Record<number, number> = {};
  streams.forEach(({ status }) => {
    tally[status] = (tally[status] ?? 0) + 1;
  });
  return tally;
}

it(
  'a cluster whose workers cannot start gives up',
  async () => {
    const cluster = await ClusterProcess.start(file, 'express', 2, ['The database is not there.']);
    expect(await cluster.exit).toBe(1);
    expect(cluster.ups).toBe(0);
    expect(cluster.of('stopping')).toEqual([{ kind: 'stopping', why: 'no worker gets up' }]);
    const waits = cluster.of('died').map(({ restartInMs }) => restartInMs);
    expect(Math.max(...waits)).toBe(800);
    expect(cluster.stderr).toContain('could not start: Error: The database is not there.');
  },
  TIMEOUT_MS,
);
