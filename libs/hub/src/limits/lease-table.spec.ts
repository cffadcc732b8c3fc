import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Lease, LeaseClaim, LeaseRefusal } from './lease-store.js';
import { LeaseTable } from './lease-table.js';

const claim = (key: string, max: number): LeaseClaim => ({ key, limit: key, max });
const MAX = { total: 5, a: 2, b: 3 };

function taken(outcome: Lease | LeaseRefusal): Lease {
  if ('refused' in outcome) {
    throw new Error(`refused by ${outcome.refused.limit}`);
  }
  return outcome;
}

function withHolders() {
  const table = new LeaseTable();
  const evicted: string[] = [];
  const take = (name: string, claims: LeaseClaim[]): Lease | LeaseRefusal =>
    table.take(claims, { evict: (limit) => void evicted.push(`${name} ${limit}`) }, true);
  return { table, take, evicted };
}

describe('LeaseTable', () => {
  it('names the first limit that is used up', () => {
    const table = new LeaseTable();
    table.take([claim('a', 1)]);
    expect(table.take([claim('b', 1), claim('a', 1), claim('c', 0)])).toEqual({ refused: claim('a', 1) });
    expect(table.take([claim('c', 0)])).toEqual({ refused: claim('c', 0) });
    expect(table.take([])).toHaveProperty('release');
  });

  it('takes all claims or none', () => {
    const table = new LeaseTable();
    table.take([claim('a', 1)]);
    table.take([claim('b', 9), claim('a', 1)]);
    expect([table.count('b'), table.size]).toEqual([0, 1]);
  });

  it('gives a slot back once, however often it is released', () => {
    const table = new LeaseTable();
    const first = table.take([claim('a', 2)]);
    table.take([claim('a', 2)]);
    if ('release' in first) {
      first.release();
      first.release();
    }
    expect(table.count('a')).toBe(1);
  });

  it('counts a key that is claimed twice at once as two', () => {
    const table = new LeaseTable();
    expect(table.take([claim('a', 1), claim('a', 1)])).toHaveProperty('refused');
    expect(table.size).toBe(0);
    expect(table.take([claim('a', 2), claim('a', 2)])).toHaveProperty('release');
    expect(table.count('a')).toBe(2);
  });

  it('gives one key of several back alone', () => {
    const table = new LeaseTable();
    const lease = taken(table.take([claim('a', 1), claim('b', 1)]));
    lease.release('a');
    lease.release('a');
    expect([table.count('a'), table.count('b')]).toEqual([0, 1]);
    lease.release();
    expect(table.size).toBe(0);
  });

  describe('with holders that can make room', () => {
    it('evicts the oldest of the limit that is used up, and no more', () => {
      const { table, take, evicted } = withHolders();
      take('ann 1', [claim('total', 9), claim('ann', 2)]);
      take('bob', [claim('total', 9), claim('bob', 2)]);
      take('ann 2', [claim('total', 9), claim('ann', 2)]);
      expect(take('ann 3', [claim('total', 9), claim('ann', 2)])).toHaveProperty('release');
      expect(evicted).toEqual(['ann 1 ann']);
      expect([table.count('total'), table.count('ann')]).toEqual([3, 2]);
    });

    it('evicts one where it leaves room in both limits that are used up', () => {
      const { table, take, evicted } = withHolders();
      take('bob', [claim('total', 2), claim('bob', 1)]);
      take('ann 1', [claim('total', 2), claim('ann', 1)]);
      take('ann 2', [claim('total', 2), claim('ann', 1)]);
      expect(evicted).toEqual(['ann 1 ann']);
      expect(table.count('total')).toBe(2);
    });

    it('tells who goes when all counts are as they will be', () => {
      const table = new LeaseTable();
      const counts: number[] = [];
      table.take([claim('a', 1)], { evict: () => void counts.push(table.count('a')) });
      table.take([claim('a', 1)], undefined, true);
      expect(counts).toEqual([1]);
    });

    it('refuses, and evicts nobody, where not all claims can be granted', () => {
      const { table, take, evicted } = withHolders();
      table.take([claim('kept', 1)]);
      take('ann', [claim('ann', 1)]);
      expect(take('new', [claim('kept', 1), claim('ann', 1)])).toEqual({ refused: claim('kept', 1) });
      expect(take('none', [claim('ann', 0)])).toEqual({ refused: claim('ann', 0) });
      expect(table.take([claim('ann', 1)])).toEqual({ refused: claim('ann', 1) });
      expect(evicted).toEqual([]);
    });

    it('knows nobody any more who has gone by himself', () => {
      const { table, take, evicted } = withHolders();
      const first = taken(take('first', [claim('a', 2)]));
      take('second', [claim('a', 2)]);
      first.release();
      take('third', [claim('a', 2)]);
      take('fourth', [claim('a', 2)]);
      expect(evicted).toEqual(['second a']);
      expect(table.count('a')).toBe(2);
    });
  });

  it('never lets more in than may, and is empty when all are out (property)', () => {
    const keys = fc.array(fc.constantFrom('total' as const, 'a' as const, 'b' as const), { maxLength: 4 });
    const step = fc.oneof(
      fc.record({ taken: keys, movable: fc.boolean(), evicts: fc.boolean() }),
      fc.nat(20).map((released) => ({ released })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new LeaseTable();
        const leases: { lease?: Lease; readonly keys: readonly string[] }[] = [];
        for (const each of steps) {
          if ('taken' in each) {
            const others = leases.length;
            const before = Object.keys(MAX).map((key) => table.count(key));
            const own: (typeof leases)[number] = { keys: each.taken };
            const holder = { evict: () => void leases.splice(leases.indexOf(own), 1) };
            const lease = table.take(
              each.taken.map((key) => claim(key, MAX[key])),
              each.movable ? holder : undefined,
              each.evicts,
            );
            if ('release' in lease) {
              own.lease = lease;
              leases.push(own);
              expect(each.evicts || leases.length === others + 1).toBe(true);
            } else {
              expect(leases).toHaveLength(others);
              expect(Object.keys(MAX).map((key) => table.count(key))).toEqual(before);
            }
          } else {
            leases.splice(each.released, 1).forEach(({ lease }) => lease?.release());
          }
          for (const [key, max] of Object.entries(MAX)) {
            const held = leases.flatMap((lease) => lease.keys).filter((own) => own === key).length;
            expect(table.count(key)).toBe(held);
            expect(held).toBeLessThanOrEqual(max);
          }
        }
        leases.forEach(({ lease }) => lease?.release());
        expect(table.size).toBe(0);
      }),
    );
  });
});
