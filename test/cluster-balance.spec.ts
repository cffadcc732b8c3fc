import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResumingClient } from '@nestcast/testing';
import { CLUSTER_TIMEOUT_MS, ClusterProcess } from './support/cluster-process.js';
import { type Adapter, adapters } from './support/nest-app.js';

const WORKERS = 3;
const CLIENTS = 60;
/** What cluster-app.ts says that a worker may have above its share. */
const TOLERATED = 4;

interface Evened {
  readonly published: readonly string[];
  /** What each client has got. */
  readonly received: readonly (readonly string[])[];
  /** How many gaps they were told. */
  readonly gaps: number;
  /** How often the worker in the dead one's place has told its load. */
  readonly told: number;
}

describe('the workers of a cluster', () => {
  const clusters: ClusterProcess[] = [];
  const clients: ResumingClient[] = [];
  const evened = new Map<Adapter, Promise<Evened>>();

  // Both adapters at once, since nearly all of it is waiting.
  beforeAll(async () => {
    adapters.forEach((adapter) => evened.set(adapter, evenOut(adapter)));
    await Promise.allSettled(evened.values());
  }, CLUSTER_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(clusters.map((cluster) => cluster.kill()));
  });

  it.each(adapters)(
    'on %s even out by themselves when one has died, and lose and double nothing',
    async (adapter) => {
      const { published, received, gaps, told } = (await evened.get(adapter)) as Evened;
      for (const data of received) {
        expect(data).toEqual(published);
      }
      expect(received).toHaveLength(CLIENTS);
      expect(gaps).toBe(0);
      expect(told).toBeGreaterThan(0);
    },
  );

  /** Kills a worker, and publishes until those that are there have their shares. */
  async function evenOut(adapter: Adapter): Promise<Evened> {
    const cluster = await ClusterProcess.start(adapter, WORKERS);
    clusters.push(cluster);
    await cluster.up(WORKERS);
    const options = { heedRetry: true, timeoutMs: 30_000 };
    const own = Array.from(
      { length: CLIENTS },
      () => new ResumingClient(`${cluster.url}/stream/news`, options),
    );
    clients.push(...own);
    await Promise.all(own.map((client) => client.connected()));
    const [victim] = await cluster.workers();
    await cluster.replace([victim?.pid ?? 0]);
    const pid = cluster.of('up').at(-1)?.pid;
    const published: string[] = [];
    for (let even = false; !even;) {
      const { length } = cluster.of('load');
      await cluster.until(() => cluster.of('load').length >= length + WORKERS);
      published.push(String(published.length));
      await cluster.publish('news', String(published.length - 1));
      const workers = await cluster.workers();
      expect(workers.map((worker) => worker.pid)).toContain(pid);
      const connections = workers.map((worker) => worker.connections);
      even = Math.max(...connections) <= CLIENTS / WORKERS + TOLERATED && sum(connections) === CLIENTS;
    }
    await Promise.all(own.map((client) => client.until(({ events }) => events.length >= published.length)));
    return {
      published,
      received: own.map(({ events }) => events.map(({ data }) => data)),
      gaps: sum(own.map((client) => client.gaps.length)),
      told: cluster.of('load').filter((load) => load.pid === pid).length,
    };
  }
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
