import { setTimeout as delay } from 'node:timers/promises';
import { FaultProxy, RedisServer } from '@nestcast/test-servers';
import type { Fault, Scene } from './fault.js';
import type { Nodes } from './nodes.js';
import { until } from './until.js';

/** How long a node that was killed stays away. */
const NODE_AWAY_MS = 1_500;
const FROZEN_MS = 5_000;
const REDIS_AWAY_MS = 500;
const BLOCKED_MS = 3_000;
/** Events: a fifth of a second. */
const REPLICA_BEHIND = 40;
/** What Sentinels call the master. */
const MASTER = 'main';
/** How long a master may say nothing to a Sentinel. */
const SILENT_MS = 500;

const PERSISTENT = { appendonly: 'yes', appendfsync: 'everysec' };

/** One Redis, which the nodes talk to directly. */
const withRedis = (
  name: string,
  strike: (redis: RedisServer, nodes: Nodes) => Promise<void>,
  config: Readonly<Record<string, string>> = {},
): Fault => ({
  name,
  prepare: async () => {
    const redis = await RedisServer.start({ config });
    return {
      broker: { kind: 'redis', url: redis.url },
      strike: (nodes) => strike(redis, nodes),
      close: () => redis.stop(),
    };
  },
});

const killNode = withRedis('kill-node', async (_redis, nodes) => {
  await nodes.at(0).kill();
  await delay(NODE_AWAY_MS);
  await nodes.restart(0);
});

const freezeRedis = withRedis('redis-freeze', async (redis) => {
  redis.freeze();
  await delay(FROZEN_MS);
  redis.resume();
});

const restartRedis = withRedis(
  'redis-restart',
  async (redis) => {
    await redis.kill();
    await delay(REDIS_AWAY_MS);
    await redis.restart();
  },
  PERSISTENT,
);

const cutPubSub = withRedis('pubsub-cut', async (redis) => {
  const answer = await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  if (!/^:[1-9]/.test(answer)) {
    throw new Error(`No pub/sub connection was there to be cut: ${answer}`);
  }
});

const blockLoop = withRedis('blocked-loop', async (_redis, nodes) => {
  await nodes.at(0).ask('block', BLOCKED_MS);
});

/**
 * A master that dies, and its replica in its place, by way of a forwarder: nodes keep the address.
 *
 * @param behind acknowledged events that the replica hasn't got by then, at least
 */
const promoteReplica = (name: string, behind: number): Fault => ({
  name,
  prepare: async (): Promise<Scene> => {
    const master = await RedisServer.start();
    const replication = await FaultProxy.start(master.port);
    const replica = await RedisServer.replicaOf(replication);
    await replicated(replica);
    const front = await FaultProxy.start(master.port);
    return {
      broker: { kind: 'redis', url: `redis://127.0.0.1:${front.port}` },
      strike: async (_nodes, ledger) => {
        if (behind > 0) {
          replication.blackhole();
          await ledger.acknowledgedMore(behind);
        }
        await master.kill();
        await replica.command('REPLICAOF', 'NO', 'ONE');
        front.switchTo(replica.port);
      },
      close: async () => {
        await Promise.all([front.close(), replication.close()]);
        await Promise.all([master.stop(), replica.stop()]);
      },
    };
  },
});

/** A master that dies, and its replica in its place, by way of a Sentinel, which nodes ask where the master is. */
const failOver: Fault = {
  name: 'sentinel-failover',
  prepare: async (): Promise<Scene> => {
    const master = await RedisServer.start();
    const replica = await RedisServer.replicaOf(master);
    await replicated(replica);
    const sentinel = await RedisServer.sentinel(master, MASTER, SILENT_MS);
    await until(async () => (await sentinel.command('SENTINEL', 'REPLICAS', MASTER)).startsWith('*1'));
    return {
      broker: {
        kind: 'redis',
        sentinel: { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: MASTER },
      },
      strike: async () => {
        await master.kill();
        await until(async () => (await replica.command('INFO', 'replication')).includes('role:master'));
      },
      close: async () => {
        await Promise.all([sentinel.stop(), master.stop(), replica.stop()]);
      },
    };
  },
};

/** Resolves when the replica has a copy of its master's and follows it. */
function replicated(replica: RedisServer): Promise<void> {
  return until(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'));
}

export const faults: readonly Fault[] = [
  killNode,
  freezeRedis,
  restartRedis,
  cutPubSub,
  blockLoop,
  promoteReplica('replica-promoted', 0),
  promoteReplica('late-replica-promoted', REPLICA_BEHIND),
  failOver,
];
