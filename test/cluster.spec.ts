import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ResumingClient, type SseStream, openSse } from '@nestcast/testing';
import { ClusterPublishing } from './support/cluster-publishing.js';
import { CLUSTER_TIMEOUT_MS, ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';
import { as } from './support/user.guard.js';

const WORKERS = 3;
const CLIENTS = 30;

/** One cluster for all cases, each of which has a channel of its own and leaves as many workers as it has found. */
describe.each(adapters)('a cluster on %s', (adapter) => {
  let cluster: ClusterProcess;
  let publishing: ClusterPublishing;
  let channel: string;
  let cases = 0;
  const clients: ResumingClient[] = [];
  beforeAll(async () => {
    cluster = await ClusterProcess.start(adapter, WORKERS);
    await cluster.up(WORKERS);
  }, CLUSTER_TIMEOUT_MS);
  afterAll(() => cluster.kill());
  beforeEach(() => {
    cases += 1;
    channel = `case-${cases}`;
    publishing = new ClusterPublishing();
  });
  afterEach(async () => {
    await publishing.stop();
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await cluster.idle();
  }, CLUSTER_TIMEOUT_MS);

  async function follow(count: number, path = 'stream'): Promise<ResumingClient[]> {
    const url = `${cluster.url}/${path}/${channel}`;
    const made = Array.from({ length: count }, () => new ResumingClient(url, { timeoutMs: 30_000 }));
    clients.push(...made);
    await Promise.all(made.map((client) => client.connected()));
    return made;
  }

  const open = (user: string): Promise<SseStream> => openSse(`${cluster.url}/stream/${channel}`, as(user));

  /** Resolves with what the log has when publishing is over, as one who reads it from its start tells. */
  async function logOf(): Promise<string[]> {
    const known = await publishing.stop();
    await cluster.publish(channel, 'last');
    const [reader] = await follow(1, 'log');
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
      await follow(CLIENTS);
      const spread = (await cluster.workers()).map(({ connections }) => connections);
      expect(Math.min(...spread)).toBeGreaterThan(0);
      const publishers = new Set<number>();
      for (let number = 0; number < 60; number += 1) {
        publishers.add((await cluster.publish(channel, String(number))).pid);
      }
      expect(publishers.size).toBe(WORKERS);
      await cluster.publish(channel, 'last');
      await expectAll([...Array.from({ length: 60 }, (_, number) => String(number)), 'last']);
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'loses and doubles nothing when a worker is killed under load, and has another in its place',
    async () => {
      await follow(CLIENTS);
      publishing.begin(cluster, channel);
      await publishing.more(50);
      const [victim] = await cluster.workers();
      await cluster.replace([victim?.pid ?? 0]);
      await publishing.more(50);
      await expectAll(await logOf());
      const moved = clients.filter(({ reconnects }) => reconnects > 0);
      expect(moved.length).toBeGreaterThanOrEqual(victim?.connections ?? 0);
      expect(cluster.of('died')).toEqual([
        expect.objectContaining({ pid: victim?.pid, of: 'SIGKILL', restartInMs: 0 }),
      ]);
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'loses and doubles nothing when a worker is blocked for 3 s',
    async () => {
      await follow(CLIENTS);
      publishing.begin(cluster, channel);
      await publishing.more(50);
      await cluster.ask('/block?ms=3000');
      await publishing.more(100);
      await expectAll(await logOf());
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'lets in exactly 3 of 100 parallel opens of a user over all workers, whose slots come back with a dead worker',
    async () => {
      const streams = await Promise.all(Array.from({ length: 100 }, () => open('ann')));
      expect(tallyOf(streams)).toEqual({ 200: 3, 429: 97 });
      const victims = (await cluster.workers()).filter(({ connections }) => connections > 0);
      await cluster.replace(victims.map(({ pid }) => pid));
      const again = await Promise.all(Array.from({ length: 10 }, () => open('ann')));
      expect(tallyOf(again)).toEqual({ 200: 3, 429: 7 });
      await Promise.all([...streams, ...again].map((stream) => stream.abort()));
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'tells who is there on all workers, and disconnects them from any',
    async () => {
      const streams = await Promise.all(['bob', 'bob', 'bob', 'eve', 'eve', 'eve'].map(open));
      const present = await cluster.ask<{ userId: string; connections: number }[]>(`/presence/${channel}`);
      expect(present.toSorted((a, b) => a.userId.localeCompare(b.userId))).toEqual([
        expect.objectContaining({ userId: 'bob', connections: 3 }),
        expect.objectContaining({ userId: 'eve', connections: 3 }),
      ]);
      expect(await cluster.ask<number>('/disconnect?user=bob', 'POST')).toBe(3);
      await Promise.all(streams.slice(0, 3).map((stream) => stream.ended));
      expect((await cluster.workers()).reduce((total, worker) => total + worker.connections, 0)).toBe(3);
      await Promise.all(streams.map((stream) => stream.abort()));
    },
    CLUSTER_TIMEOUT_MS,
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
