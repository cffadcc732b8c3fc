import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BatchSize } from './batch-size.js';

const WINDOW_MS = 50;

/** The size aimed at after arrivals at this distance for a second. */
function steady(gapMs: number, size = new BatchSize(100, WINDOW_MS)): number {
  for (let at = 0; at <= 1_000; at += gapMs) {
    size.arrived(at);
  }
  return size.target;
}

describe('the size aimed at', () => {
  it.each([
    ['an event a second', 1_000, 1],
    ['one a window', 50, 1],
    ['two a window', 25, 2],
    ['ten a window', 5, 10],
    ['fifty a window', 1, 50],
    ['more than may be', 0.1, 100],
  ])('is what a window brings: %s', (_what, gapMs, expected) => {
    expect(steady(gapMs)).toBe(expected);
  });

  it('is 1 for two events at once, and follows a burst', () => {
    const size = new BatchSize(100, WINDOW_MS);
    const targets = Array.from({ length: 20 }, () => {
      size.arrived(0);
      return size.target;
    });
    expect(targets.slice(0, 4)).toEqual([1, 1, 1, 2]);
    expect(targets.at(-1)).toBe(10);
  });

  it('is 1 again when it has been quiet for a few windows', () => {
    const size = new BatchSize(100, WINDOW_MS);
    expect(steady(1, size)).toBe(50);
    size.arrived(1_000 + 8 * WINDOW_MS);
    expect(size.target).toBe(1);
  });

  it('is never more than the last window brought, until batches have filled', () => {
    const size = new BatchSize(100, WINDOW_MS);
    steady(1, size);
    size.short(4);
    expect(size.target).toBe(4);
    size.full(4);
    expect(size.target).toBe(4);
    size.full(4);
    expect(size.target).toBe(8);
  });

  it('is raised less and less often where it is in vain, and at once where it is not', () => {
    const size = new BatchSize(100, WINDOW_MS);
    steady(1, size);
    const fillsUntilRaised = (): number => {
      const before = size.target;
      let fills = 0;
      while (size.target === before) {
        size.full(before);
        fills += 1;
      }
      return fills;
    };
    const fills = Array.from({ length: 8 }, () => {
      size.short(1);
      return fillsUntilRaised();
    });
    expect(fills).toEqual([2, 4, 8, 16, 32, 64, 64, 64]);
    expect([size.target, fillsUntilRaised(), size.target]).toEqual([2, 1, 4]);
  });

  it('is always from 1 to the most that may be', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('arrived' as const), by: fc.integer({ min: 0, max: 200 }) }),
      fc.record({ kind: fc.constantFrom('full' as const, 'short' as const), by: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200 }), (most, steps) => {
        const size = new BatchSize(most, WINDOW_MS);
        let now = 1_000_000;
        for (const { kind, by } of steps) {
          now += by;
          if (kind === 'arrived') {
            size.arrived(now);
          } else {
            size[kind](size.target);
          }
          expect(Number.isInteger(size.target)).toBe(true);
          expect(size.target).toBeGreaterThanOrEqual(1);
          expect(size.target).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
