import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Lease, LeaseClaim, LeaseHolder, LeaseRefusal } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { eventually } from '../spec-support/eventually.js';
import { LeaseNode } from '../spec-support/lease-node.js';

const LEASE_MS = 600;
const claim = (key: string, max: number): LeaseClaim => ({ key, limit: `limit of ${key}`, max });
const isLease = (outcome: Lease | LeaseRefusal | undefined): outcome is Lease =>
  outcome !== undefined && 'release' in outcome;

class Holder implements LeaseHolder {
  readonly limits: string[] = [];
  evict(limit: string): void {
    this.limits.push(limit);
  }
}

async function taken(
  { leases }: LeaseNode,
  ...args: Parameters<LeaseNode['leases']['take']>
): Promise<Lease> {
  const outcome = await leases.take(...args);
  if (!isLease(outcome)) {
    throw new Error(`refused by ${outcome.refused.key}`);
  }
  return outcome;
}

const isFree = async ({ leases }: LeaseNode, ...claims: LeaseClaim[]): Promise<boolean> =>
  isLease(await leases.take(claims));

describe('leases on Redis', () => {
  let server: RedisServer;
  const nodes: LeaseNode[] = [];

  async function node(): Promise<LeaseNode> {
    const made = new LeaseNode(server.url, LEASE_MS);
    nodes.push(made);
    await made.ready();
    return made;
  }

  /** How many hold slots, of all keys together. */
  const slots = async (): Promise<string> => server.command('ZCARD', '{spec}:leases');

  beforeEach(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    await Promise.all(nodes.map((each) => each.close()));
    expect(nodes.splice(0).flatMap(({ errors }) => errors)).toEqual([]);
    await server.stop();
  });

  it('lets in exactly as many of 100 parallel ones over two nodes as may be; two claims of one key are two', async () => {
    const [one, other] = [await node(), await node()];
    const takes = Array.from({ length: 100 }, (_, n) =>
      (n % 2 === 0 ? one : other).leases.take([claim('a\0%', 7), claim('b', 50), claim('a\0%', 7)]),
    );
    expect((await Promise.all(takes)).filter(isLease)).toHaveLength(3);
    expect(await slots()).toBe(':9');
  });

  it('leaves nothing behind when it holds nothing, nor when it is closed', async () => {
    const [one, other] = [await node(), await node()];
    const lease = await taken(one, [claim('a', 1)]);
    await taken(other, [claim('b', 1)]);
    lease.release();
    await eventually(async () => (await server.command('PUBSUB', 'CHANNELS')).startsWith('*1'));
    await other.close();
    await eventually(async () => (await server.command('DBSIZE')) === ':0');
    expect(await server.command('PUBSUB', 'CHANNELS')).toBe('*0');
  });

  it('takes nothing when it is closed', async () => {
    const closed = await node();
    await closed.close();
    await expect(closed.leases.take([claim('a', 1)])).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
  });

  it('keeps what a living node holds for longer than a lease', async () => {
    const [one, other] = [await node(), await node()];
    await taken(one, [claim('a', 1)]);
    await new Promise((resolve) => setTimeout(resolve, 4 * LEASE_MS));
    expect(await isFree(other, claim('a', 1))).toBe(false);
  });

  it('evicts on another node whoever is there for longest, and leaves room in the wider limits', async () => {
    const [one, other] = [await node(), await node()];
    const [first, second] = [new Holder(), new Holder()];
    const wide = claim('total', 2);
    await taken(one, [wide, claim('user', 2)], first);
    await taken(one, [wide, claim('user', 2)], second);
    await taken(other, [wide, claim('user', 2)], undefined, true);
    await eventually(() => first.limits.length > 0);
    expect([first.limits, second.limits]).toEqual([['limit of user'], []]);
    expect(await slots()).toBe(':4');
  });

  it('puts back what Redis has forgotten', async () => {
    const [one, other] = [await node(), await node()];
    const lease = await taken(one, [claim('a', 1)]);
    await server.command('FLUSHALL');
    await eventually(async () => (await slots()) === ':1');
    expect(await isFree(other, claim('a', 1))).toBe(false);
    lease.release();
    await eventually(() => isFree(other, claim('a', 1)));
  });

  it('gives back later what it could not give back while Redis was away', async () => {
    const [one, other] = [await node(), await node()];
    const lease = await taken(one, [claim('a', 1), claim('b', 1)]);
    const kept = await taken(one, [claim('c', 1), claim('d', 1)]);
    server.freeze();
    lease.release();
    kept.release('c');
    await expect(one.leases.take([claim('e', 1)])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    server.resume();
    await eventually(async () => (await slots()) === ':1');
    await eventually(() => other.port.state.up);
    expect(await isFree(other, claim('d', 1))).toBe(false);
    expect(await isFree(other, claim('a', 1), claim('b', 1), claim('c', 1), claim('e', 1))).toBe(true);
  });

  it('holds its slots over an end of Redis that lasts for longer than a lease', async () => {
    await server.stop();
    server = await RedisServer.start({ config: { appendonly: 'yes', appendfsync: 'always' } });
    const [one, other] = [await node(), await node()];
    await taken(one, [claim('a', 2)]);
    await taken(other, [claim('a', 2)]);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    await server.restart();
    await eventually(() => one.port.state.up);
    expect(await isFree(one, claim('a', 2))).toBe(false);
    await eventually(() => other.port.state.up);
    expect(await isFree(other, claim('a', 2))).toBe(false);
  });
});
