import { once } from 'node:events';
import type { ClusterNode, NatMap, Redis } from 'ioredis';
import type { RedisRoute } from './redis-link.js';

interface Address {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

export interface ClusterRouteSettings {
  /** Nodes of the cluster to ask where the keys are. */
  readonly nodes: () => readonly ClusterNode[];
  /** What the nodes are called here, if they call themselves something else. */
  readonly natMap: NatMap | undefined;
  /** The hash tag of all the broker's keys. */
  readonly tag: string;
  readonly dial: (at: Address) => Redis;
}

/** From the first slot to the last, then its nodes, the master first: host, port and more of each. */
type SlotRange = [first: number, last: number, ...nodes: [host: string | null, port: number][]];

/**
 * To the master of the one slot that has all the broker's keys: it is asked for at each attempt, of another node each time, so
 * that a failover is followed.
 */
export function clusterRoute({ nodes, natMap, tag, dial }: ClusterRouteSettings): RedisRoute {
  let attempt = 0;
  let known: readonly Address[] = [];
  return async (signal) => {
    const candidates = [...known, ...nodes().map(addressOf)];
    const asked = candidates[attempt++ % candidates.length];
    if (!asked) {
      throw new Error('no node of the Redis Cluster is known; is the client connected?');
    }
    const ranges = await slotsOf(dial(asked), tag, signal);
    const [master, ...others] = ranges.map(([host, port]) => translated(host || asked.host, port, natMap));
    if (!master) {
      throw new Error(`no node of the Redis Cluster has the slot of {${tag}}`);
    }
    known = [...others, master];
    return dial(master);
  };
}

/** The nodes that have the slot of a hash tag, the master first, as a node of the cluster tells. */
async function slotsOf(
  redis: Redis,
  tag: string,
  signal: AbortSignal,
): Promise<[host: string | null, port: number][]> {
  let reason = 'the connection was closed';
  redis.on('error', (error) => (reason = error.message));
  try {
    await Promise.race([
      once(redis, 'ready', { signal }),
      once(redis, 'end', { signal }).then(() => {
        throw new Error(reason);
      }),
    ]);
    const [slot, ranges] = await Promise.all([
      redis.call('CLUSTER', 'KEYSLOT', `{${tag}}`),
      redis.call('CLUSTER', 'SLOTS'),
    ]);
    const range = (ranges as SlotRange[]).find(
      ([first, last]) => first <= Number(slot) && Number(slot) <= last,
    );
    return range ? (range.slice(2) as [string | null, number][]) : [];
  } finally {
    redis.disconnect();
  }
}

function translated(host: string | undefined, port: number, natMap: NatMap | undefined): Address {
  const name = `${host}:${port}`;
  return (typeof natMap === 'function' ? natMap(name) : natMap?.[name]) ?? { host, port };
}

function addressOf(node: ClusterNode): Address {
  if (typeof node === 'object') {
    return node;
  }
  const { hostname, port } = new URL(String(node).includes('://') ? String(node) : `redis://${node}`);
  return { host: hostname, port: Number(port || 6379) };
}
