import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSse } from '@nestcast/testing';
import { ClusterPublishing } from './support/cluster-publishing.js';
import { CLUSTER_TIMEOUT_MS, ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';
import { isAlive } from './support/is-alive.js';
import { until } from './support/until.js';

const WORKERS = 2;

describe('a cluster', () => {
  let cluster: ClusterProcess;
  afterEach(() => cluster.kill());

  it.each(adapters)(
    'on %s ends all streams and workers at a SIGTERM, and then itself',
    async (adapter) => {
      cluster = await ClusterProcess.start(adapter, WORKERS);
      await cluster.up(WORKERS);
      const streams = await Promise.all(
        Array.from({ length: 9 }, () => openSse(`${cluster.url}/stream/news`)),
      );
      cluster.signal('SIGTERM');
      expect(await cluster.exit).toBe(0);
      for (const stream of streams) {
        await stream.ended;
        expect(stream.received.at(-1)).toMatchObject({ type: 'sse:goodbye' });
      }
      expect(cluster.of('ended')).toHaveLength(WORKERS);
      expect(cluster.of('killed')).toEqual([]);
      expect(cluster.reports.at(-1)).toEqual({ kind: 'closing' });
      expect(cluster.stderr).toBe('');
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'tells when what its primary had opened can’t be closed',
    async () => {
      process.env['CLOSING_FAILS'] = '1';
      cluster = await ClusterProcess.start('express', 1);
      delete process.env['CLOSING_FAILS'];
      await cluster.up(1);
      cluster.signal('SIGTERM');
      expect(await cluster.exit).toBe(1);
      expect(cluster.reports.at(-1)).toMatchObject({
        kind: 'error',
        what: 'closing what the primary had opened',
      });
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'ends as one when a terminal interrupts it, however often',
    async () => {
      cluster = await ClusterProcess.start('express', WORKERS, { group: true });
      await cluster.up(WORKERS);
      const streams = await Promise.all(
        Array.from({ length: 4 }, () => openSse(`${cluster.url}/stream/news`)),
      );
      cluster.signalGroup('SIGINT');
      await cluster.until(() => cluster.of('stopping').length > 0);
      cluster.signalGroup('SIGINT');
      expect(await cluster.exit).toBe(0);
      for (const stream of streams) {
        await stream.ended;
        expect(stream.received.at(-1)).toMatchObject({ type: 'sse:goodbye' });
      }
      expect(cluster.of('stopping')).toHaveLength(1);
      expect(cluster.of('killed')).toEqual([]);
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'leaves no worker behind when its primary is killed under load',
    async () => {
      cluster = await ClusterProcess.start('fastify', WORKERS);
      await cluster.up(WORKERS);
      const { pids } = cluster;
      const streams = await Promise.all(
        Array.from({ length: 10 }, () => openSse(`${cluster.url}/stream/news`)),
      );
      const publishing = new ClusterPublishing();
      publishing.begin(cluster, 'news');
      await publishing.more(20);
      cluster.signal('SIGKILL');
      await publishing.stop();
      await Promise.all(streams.map((stream) => stream.ended));
      await until(() => !pids.some(isAlive));
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'closes a connection whose worker dies before it has taken it',
    async () => {
      cluster = await ClusterProcess.start('express', 1);
      await cluster.up(1);
      const [pid = 0] = cluster.pids;
      process.kill(pid, 'SIGSTOP');
      // The primary accepts it, and hands it to a worker that doesn't take it.
      const client = createConnection(Number(new URL(cluster.url).port), '127.0.0.1');
      await once(client, 'connect');
      const closed = once(
        client.resume().on('error', () => undefined),
        'close',
      );
      await cluster.replace([pid]);
      await closed;
      expect(await cluster.workers()).toHaveLength(1);
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'says that its port is taken, and gives up',
    async () => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const { port } = holder.address() as AddressInfo;
      cluster = await ClusterProcess.start('express', 1, { port });
      expect(await cluster.exit).toBe(1);
      expect(cluster.stderr).toMatch(/worker 1 could not start: Error: .*EADDRINUSE/);
      holder.close();
    },
    CLUSTER_TIMEOUT_MS,
  );

  it(
    'whose workers cannot start gives up',
    async () => {
      cluster = await ClusterProcess.start('express', WORKERS, { failure: 'The database is not there.' });
      expect(await cluster.exit).toBe(1);
      expect(cluster.ups).toBe(0);
      expect(cluster.of('stopping')).toEqual([{ kind: 'stopping', why: 'no worker gets up' }]);
      const waits = cluster.of('died').map(({ restartInMs }) => restartInMs);
      expect(Math.max(...waits)).toBe(800);
      expect(cluster.stderr).toContain('could not start: Error: The database is not there.');
    },
    CLUSTER_TIMEOUT_MS,
  );
});
