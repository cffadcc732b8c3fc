import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Lease, type LeaseClaim, LeaseTable } from './lease-table.js';

const claim = (key: string, max: number): LeaseClaim => ({ key, limit: key, max });
const MAX = { total: 5, a: 2, b: 3 };

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

  it('never lets more in than may, and is empty when all are out (property)', () => {
    const keys = fc.array(fc.constantFrom('total' as const, 'a' as const, 'b' as const), { maxLength: 4 });
    const step = fc.oneof(
      keys.map((taken) => ({ taken })),
      fc.nat(20).map((released) => ({ released })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new LeaseTable();
        const leases: { lease: Lease; keys: readonly string[] }[] = [];
        for (const each of steps) {
          if ('taken' in each) {
            const before = Object.keys(MAX).map((key) => table.count(key));
            const lease = table.take(each.taken.map((key) => claim(key, MAX[key])));
            if ('release' in lease) {
              leases.push({ lease, keys: each.taken });
            } else {
              expect(Object.keys(MAX).map((key) => table.count(key))).toEqual(before);
            }
          } else {
            leases.splice(each.released, 1).forEach(({ lease }) => lease.release());
          }
          for (const [key, max] of Object.entries(MAX)) {
            const held = leases.flatMap((lease) => lease.keys).filter((own) => own === key).length;
            expect(table.count(key)).toBe(held);
            expect(held).toBeLessThanOrEqual(max);
          }
        }
        leases.forEach(({ lease }) => lease.release());
        expect(table.size).toBe(0);
      }),
    );
  });
});
