import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { HandClock } from '../spec-support/hand-clock.js';
import { OpenRate } from './open-rate.js';

const MINUTE_MS = 60_000;

describe('OpenRate', () => {
  it('lets so many in within any minute, and says how long the next must wait', () => {
    const clock = new HandClock();
    const rate = new OpenRate(clock);
    const takes: number[] = [];
    for (const wait of [0, 10_000, 10_000, 39_999, 1, 0]) {
      clock.advance(wait);
      takes.push(rate.take('u', 2));
    }
    expect(takes).toEqual([0, 0, 40_000, 1, 0, 10_000]);
  });

  it('counts keys apart', () => {
    const rate = new OpenRate(new HandClock());
    expect([rate.take('a', 1), rate.take('b', 1), rate.take('a', 1)]).toEqual([0, 0, MINUTE_MS]);
  });

  it('does not count who is refused', () => {
    const clock = new HandClock();
    const rate = new OpenRate(clock);
    rate.take('u', 1);
    for (let second = 0; second < 59; second += 1) {
      clock.advance(1_000);
      expect(rate.take('u', 1)).toBe(MINUTE_MS - (second + 1) * 1_000);
    }
    clock.advance(1_000);
    expect(rate.take('u', 1)).toBe(0);
  });

  it('lets nobody in where none may', () => {
    expect(new OpenRate(new HandClock()).take('u', 0)).toBeGreaterThan(0);
  });

  it('has one timer while it remembers anybody, and none after', () => {
    const clock = new HandClock();
    const rate = new OpenRate(clock);
    expect(clock.pending).toBe(0);
    Array.from({ length: 100 }, (_, index) => rate.take(`u${index}`, 5));
    expect(clock.pending).toBe(1);
    clock.advance(2 * MINUTE_MS);
    expect(clock.pending).toBe(0);
    rate.take('u', 5);
    rate.clear();
    expect([clock.pending, rate.take('u', 1)]).toEqual([0, 0]);
  });

  it('never lets more than the limit into a minute, and always someone whose wait is over (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(30_000)), (limit, waits) => {
        const clock = new HandClock();
        const rate = new OpenRate(clock);
        const opens: number[] = [];
        let mayAt = 0;
        for (const wait of waits) {
          clock.advance(wait);
          const now = clock.now();
          const must = rate.take('u', limit);
          expect(must === 0).toBe(now >= mayAt);
          if (must === 0) {
            opens.push(now);
          }
          expect(opens.filter((at) => at > now - MINUTE_MS).length).toBeLessThanOrEqual(limit);
          const oldest = opens.at(-limit);
          mayAt = oldest === undefined ? 0 : oldest + MINUTE_MS;
        }
      }),
    );
  });
});
