import { SseError } from '@nestcast/hub';
import type { Cluster, ClusterNode, NatMap, Redis, RedisOptions, SentinelConnectionOptions } from 'ioredis';

/** Where Redis is: exactly one of `url`, `cluster`, `sentinel` and `client`. */
export interface RedisConnectionOptions {
  /** `redis://user:password@host:6379`, `rediss://…` for TLS, or the path of a Unix socket. */
  readonly url?: string | undefined;
  /** A Redis Cluster: all that is the broker's is on the node that has the slot of its prefix. */
  readonly cluster?: RedisClusterOptions | undefined;
  /** A Redis whose master Sentinels know. */
  readonly sentinel?: RedisSentinelOptions | undefined;
  /**
   * A client of ioredis that the application has: its options are taken for the two connections that the broker makes. The client
   * itself is not used, and stays open.
   */
  readonly client?: Redis | Cluster | undefined;
  /** What else ioredis is to know of the connections to `url`, `cluster` or `sentinel`: `tls`, `username`, `password`, `family`. */
  readonly ioredis?: RedisOptions | undefined;
}

export interface RedisClusterOptions {
  /** Some of its nodes, as `{ host, port }` or `host:port`: the others are found through them. */
  readonly nodes: readonly ClusterNode[];
  /** Where a node that calls itself `host:port` is reached from here. */
  readonly natMap?: NatMap | undefined;
}

export interface RedisSentinelOptions extends SentinelConnectionOptions {
  /** `{ host, port }` of each; the default port is 26379. */
  readonly sentinels: NonNullable<SentinelConnectionOptions['sentinels']>;
  /** What the Sentinels call the master. */
  readonly name: string;
}

const WAYS = ['url', 'cluster', 'sentinel', 'client'] as const;

/** @throws SseError `INVALID_OPTION` that names what is wrong */
export function assertConnectionOptions(options: RedisConnectionOptions): void {
  const given = WAYS.filter((way) => options[way] !== undefined);
  if (given.length !== 1) {
    throw invalid(
      `exactly one of url, cluster, sentinel and client, but got ${given.length === 0 ? 'none' : given.join(' and ')}`,
    );
  }
  const { url, cluster, sentinel, client, ioredis } = options;
  if (url !== undefined && !(typeof url === 'string' && /^(rediss?:\/\/|\/)./.test(url))) {
    throw invalid('url to be redis://…, rediss://… or the path of a Unix socket');
  }
  if (cluster && !(Array.isArray(cluster.nodes) && cluster.nodes.length > 0)) {
    throw invalid('cluster.nodes to name at least one node');
  }
  if (sentinel && !(Array.isArray(sentinel.sentinels) && sentinel.sentinels.length > 0 && sentinel.name)) {
    throw invalid('sentinel.sentinels to name at least one, and sentinel.name the master');
  }
  if (client && typeof client.duplicate !== 'function') {
    throw invalid('client to be one of ioredis');
  }
  if (client && ioredis) {
    throw invalid('no ioredis beside client, which has its options');
  }
}

/** @param wanted what redisBroker() needs */
export function invalid(wanted: string): SseError {
  return new SseError('INVALID_OPTION', `redisBroker() needs ${wanted}.`);
}
