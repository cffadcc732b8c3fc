import { randomBytes } from 'node:crypto';
import type { LeaseClaim } from '@nestcast/hub';
import type { RedisPort } from '../connection/redis-port.js';
import type { HeldLease } from './held-lease.js';
import * as scripts from './lease-scripts.js';
import type { StoredScript } from './stored-script.js';

/** Leases that one call gives back, or puts back. */
const CHUNK = 500;

/** Since when a lease is held, the index of the claim that is used up, or that Redis doesn't know this node. */
export type TakeAnswer = { readonly since: string } | { readonly refused: number } | 'unknown';

export interface RenewAnswer {
  /** Whether Redis has known this node. */
  readonly known: boolean;
  /** How many leases of it Redis has, with those whose eviction it hasn't been told of. */
  readonly leases: number;
  /** Whether other, dead nodes have leases still. */
  readonly more: boolean;
}

/** What Redis has of a node. */
export interface StoredLeases {
  readonly ids: ReadonlySet<string>;
  /** Those that have made room, and for which limit. */
  readonly evicted: readonly (readonly [id: string, limit: string])[];
}

/** What a node and Redis say to each other about leases. */
export class LeaseCalls {
  /** Pub/sub: where the node is told of evictions, as `<id> <limit>`. */
  readonly channel: string;
  private readonly node = randomBytes(8).toString('hex');
  private readonly keys: readonly string[];

  constructor(
    private readonly port: Pick<RedisPort, 'call'>,
    prefix: string,
    private readonly leaseMs: number,
  ) {
    const nodes = `${prefix}leases:nodes`;
    this.channel = `${nodes}:${this.node}`;
    this.keys = [`${prefix}leases`, nodes, this.channel];
  }

  async take(
    id: string,
    claims: readonly LeaseClaim[],
    canMakeRoom: boolean,
    evicts: boolean,
  ): Promise<TakeAnswer> {
    const args = claims.flatMap(({ key, limit, max }) => [encoded(key), limit, max]);
    const answer = await this.run(scripts.takeScript, id, flag(canMakeRoom), flag(evicts), ...args);
    const [outcome, detail] = answer as ['taken', string] | ['refused', number] | ['unknown'];
    return outcome === 'taken' ? { since: detail } : outcome === 'refused' ? { refused: detail } : outcome;
  }

  /** @param released leases, each with the key that is given back alone, if it is one */
  release(released: readonly (readonly [id: string, key: string | undefined])[]): Promise<void> {
    return this.inChunks(scripts.releaseScript, released, ([id, key]) => [
      id,
      key === undefined ? '' : encoded(key),
    ]);
  }

  async renew(): Promise<RenewAnswer> {
    const [known, fields, more] = (await this.run(scripts.renewScript)) as [number, number, number];
    // One of the fields says that the node is alive.
    return { known: known === 1, leases: fields - 1, more: more === 1 };
  }

  /** @param wasAway whether other nodes may not have come back to Redis yet */
  async register(wasAway: boolean): Promise<StoredLeases> {
    const told = (await this.run(scripts.registerScript, flag(wasAway))) as string[];
    const ids = new Set<string>();
    const evicted: [string, string][] = [];
    for (let at = 0; at < told.length; at += 2) {
      const [name = '', limit = ''] = told.slice(at, at + 2);
      if (name.startsWith('e')) {
        evicted.push([name.slice(1), limit]);
      } else {
        ids.add(name);
      }
    }
    return { ids, evicted };
  }

  restore(leases: readonly HeldLease[]): Promise<void> {
    return this.inChunks(scripts.restoreScript, leases, ({ id, since, holder, keys }) => [
      id,
      since,
      flag(holder !== undefined),
      keys.length,
      ...keys.map(encoded),
    ]);
  }

  forgetEvicted(ids: readonly string[]): Promise<void> {
    return this.inChunks(scripts.forgetEvictedScript, ids, (id) => [id]);
  }

  async leave(): Promise<void> {
    await this.run(scripts.leaveScript);
  }

  private async inChunks<T>(
    script: StoredScript,
    items: readonly T[],
    args: (item: T) => readonly (string | number)[],
  ): Promise<void> {
    for (let from = 0; from < items.length; from += CHUNK) {
      await this.run(script, ...items.slice(from, from + CHUNK).flatMap(args));
    }
  }

  private run(script: StoredScript, ...args: readonly (string | number)[]): Promise<unknown> {
    return script.run(this.port, this.keys, [this.node, this.leaseMs, ...args]);
  }
}

const flag = (set: boolean): '0' | '1' => (set ? '1' : '0');

/** Without the character that ends a key in Redis. */
const encoded = (key: string): string => key.replaceAll('%', '%25').replaceAll('\0', '%00');
