import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ResumingClient, openSse } from '@nestcast/testing';
import { buildChild } from './support/child-app.js';
import { ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';
import { until } from './support/until.js';
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
  let publishes = false;
  const clients: ResumingClient[] = [];
  afterEach(async () => {
    publishes = false;
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await cluster.kill();
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

  /** Publishes one event after another until told to stop, and resolves with what the log has, as one who reads it tells. */
  function publishing(): { stop: () => Promise<string[]>; published: () => number } {
    publishes = true;
    const here = cluster;
    let number = 0;
    const known: string[] = [];
    const loop = (async () => {
      while (publishes) {
        number += 1;
        const data = String(number);
        // One whose worker dies meanwhile is in the log, or isn't.
        await here.publish(data).then(
          () => known.push(data),
          () => undefined,
        );
      }
    })();
    return {
      published: () => number,
      stop: async () => {
        publishes = false;
        await loop;
        await cluster.publish('last');
        const [reader] = await follow(1, '/log');
        await reader?.until(({ events }) => events.at(-1)?.data === 'last');
        const log = reader?.events.map(({ data }) => data) ?? [];
        expect(log).toEqual(expect.arrayContaining(known));
        return log;
      },
    };
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
      const publisher = publishing();
      await until(() => publisher.published() > 50);
      const [victim] = await cluster.workers();
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await cluster.up(WORKERS + 1);
      const there = publisher.published();
      await until(() => publisher.published() > there + 50);
      await expectAll(await publisher.stop());
      expect(clients.filter(({ reconnects }) => reconnects > 0)).toHaveLength(victim?.connections ?? 0);
      expect(cluster.of('died')).toEqual([expect.objectContaining({ of: 'SIGKILL', restartInMs: 0 })]);
    },
    TIMEOUT_MS,
  );

  it(
    'loses and doubles nothing when a worker is blocked for 3 s',
    async () => {
      await start();
      await follow(CLIENTS);
      const publisher = publishing();
      await until(() => publisher.published() > 50);
      await cluster.ask('/block?ms=3000');
      const there = publisher.published();
      await until(() => publisher.published() > there + 100, 20_000);
      await expectAll(await publisher.stop());
    },
    TIMEOUT_MS,
  );

  it(
    'lets in exactly 3 of 100 parallel opens of a user over all workers, whose slots come back with a dead worker',
    async () => {
      await start();
      const open = () => openSse(`${cluster.url}/stream`, as('ann'));
      const streams = await Promise.all(Array.from({ length: 100 }, open));
      const statuses = streams.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, 200, 200, ...Array.from({ length: 97 }, () => 429)]);
      const victims = (await cluster.workers()).filter(({ connections }) => connections > 0);
      victims.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
      await cluster.up(WORKERS + victims.length);
      const again = await Promise.all(Array.from({ length: 10 }, open));
      expect(again.map(({ status }) => status).toSorted()).toEqual([
        200,
        200,
        200,
        ...Array.from({ length: 7 }, () => 429),
      ]);
      await Promise.all([...streams, ...again].map((stream) => stream.abort()));
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
