import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConnectionOptions, RedisSentinelOptions } from './connection-options.js';
import { clusterRoute } from './cluster-route.js';
import type { RedisRoute } from './redis-link.js';

/** What the links see to themselves, and ioredis is not to do. */
const OVERRIDES: RedisOptions = {
  lazyConnect: false,
  // A server that doesn't answer would not take leave either.
  disconnectTimeout: 0,
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  enableReadyCheck: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: null,
  maxLoadingRetryTime: 200,
  commandTimeout: undefined,
  socketTimeout: undefined,
  keyPrefix: '',
  readOnly: false,
  role: 'master',
  stringNumbers: false,
  protocol: 2,
  replyMapping: 'legacy',
  monitor: false,
};

/** @param tag the hash tag of all the broker's keys */
export function routeOf(options: RedisConnectionOptions, tag: string, timeoutMs: number): RedisRoute {
  const { url, cluster, sentinel, client, ioredis } = options;
  if (url !== undefined) {
    return () => new Redis(url, { ...ioredis, ...OVERRIDES });
  }
  if (sentinel) {
    return sentinelRoute(sentinel, { ...ioredis, ...OVERRIDES }, timeoutMs);
  }
  if (cluster) {
    const dial = (at: object): Redis => new Redis({ ...ioredis, ...at, ...OVERRIDES });
    return clusterRoute({ nodes: () => cluster.nodes, natMap: cluster.natMap, tag, dial });
  }
  if (client && isCluster(client)) {
    return clientsClusterRoute(client, tag);
  }
  return () => (client as Redis).duplicate(OVERRIDES);
}

/** Each attempt begins with another sentinel: one that doesn't answer costs one of them. */
function sentinelRoute(
  { sentinels, ...rest }: RedisSentinelOptions,
  options: RedisOptions,
  timeoutMs: number,
): RedisRoute {
  let attempt = 0;
  return () => {
    const first = attempt++ % sentinels.length;
    const inTurn = [...sentinels.slice(first), ...sentinels.slice(0, first)];
    return new Redis({ sentinelCommandTimeout: timeoutMs, ...options, ...rest, sentinels: inTurn });
  };
}

function clientsClusterRoute(client: Cluster, tag: string): RedisRoute {
  return clusterRoute({
    nodes: () => client.nodes().map(({ options: { host, port } }) => ({ host, port })),
    natMap: client.options.natMap,
    tag,
    dial: (at) => new Redis({ ...client.options.redisOptions, ...at, ...OVERRIDES }),
  });
}

function isCluster(client: Redis | Cluster): client is Cluster {
  return client.isCluster;
}
