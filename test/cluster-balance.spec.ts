import { afterEach, describe, expect, it } from '@jest/globals';
import { ResumingClient } from '@nestcast/testing';
import { CLUSTER_TIMEOUT_MS, ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';

const WORKERS = 3;
const CLIENTS = 60;
/** What cluster-app.ts says that a worker may have above its share. */
const TOLERATED = 4;

describe.each(adapters)('the workers of a cluster on %s', (adapter) => {
  let cluster: ClusterProcess;
  let clients: ResumingClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await cluster.kill();
  });

  it(
    'even out by themselves when one has died, and lose and double nothing',
    async () => {
      cluster = await ClusterProcess.start(adapter, WORKERS);
      await cluster.up(WORKERS);
      const options = { heedRetry: true, timeoutMs: 30_000 };
      clients = Array.from(
        { length: CLIENTS },
        () => new ResumingClient(`${cluster.url}/stream/news`, options),
      );
      await Promise.all(clients.map((client) => client.connected()));
      const [victim] = await cluster.workers();
      await cluster.replace([victim?.pid ?? 0]);
      const pid = cluster.of('up').at(-1)?.pid;
      const expected: string[] = [];
      let connections: number[] = [];
      for (let even = false; !even;) {
        const { length } = cluster.of('load');
        await cluster.until(() => cluster.of('load').length >= length + WORKERS);
        expected.push(String(expected.length));
        await cluster.publish('news', String(expected.length - 1));
        const workers = await cluster.workers();
        expect(workers.map((worker) => worker.pid)).toContain(pid);
        connections = workers.map((worker) => worker.connections);
        even = Math.max(...connections) <= CLIENTS / WORKERS + TOLERATED && sum(connections) === CLIENTS;
      }
      await Promise.all(
        clients.map((client) => client.until(({ events }) => events.length >= expected.length)),
      );
      for (const client of clients) {
        expect(client.events.map(({ data }) => data)).toEqual(expected);
        expect(client.gaps).toEqual([]);
      }
      const told = cluster.of('load').filter((load) => load.pid === pid);
      expect(told.length).toBeGreaterThan(0);
    },
    CLUSTER_TIMEOUT_MS,
  );
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
