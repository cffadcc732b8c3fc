import { afterEach, describe, expect, it } from '@jest/globals';
import { openSse } from '@nestcast/testing';
import { CLUSTER_TIMEOUT_MS, ClusterProcess } from './support/cluster-process.js';
import { adapters } from './support/nest-app.js';

const WORKERS = 2;

describe('a cluster', () => {
  let cluster: ClusterProcess;
  afterEach(() => cluster.kill());

  it.each(
    adapters.flatMap((adapter) =>
      (['SIGTERM', 'SIGINT'] as const).map((signal) => [adapter, signal] as const),
    ),
  )(
    'on %s ends all streams and workers at a %s, and then itself',
    async (adapter, signal) => {
      cluster = await ClusterProcess.start(adapter, WORKERS);
      await cluster.up(WORKERS);
      const streams = await Promise.all(
        Array.from({ length: 9 }, () => openSse(`${cluster.url}/stream/news`)),
      );
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
