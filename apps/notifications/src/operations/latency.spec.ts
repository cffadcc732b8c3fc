import { describe, expect, it } from '@jest/globals';
import { array, assert, double, nat, property } from 'fast-check';

import { LatencyWindow } from './latency-window.js';
import { type Buckets, mergeBuckets, percentilesOf } from './percentiles.js';

const boundaries = [0.001, 0.01, 0.1, 1];
const of = (...counts: number[]): Buckets => ({ boundaries, counts });

describe('percentilesOf()', () => {
  it.each([
    ['nothing', of(0, 0, 0, 0, 0), null],
    ['one bucket: spread evenly', of(0, 100, 0, 0, 0), { p50: 5.5, p95: 9.55, p99: 9.91 }],
    ['the first bucket: from 0 on', of(10, 0, 0, 0, 0), { p50: 0.5, p95: 0.95, p99: 0.99 }],
    ['above all: the highest boundary', of(0, 0, 0, 0, 7), { p50: 1_000, p95: 1_000, p99: 1_000 }],
    ['a tail', of(90, 0, 0, 10, 0), { p50: 0.556, p95: 550, p99: 910 }],
  ])('estimates %s', (_name, buckets, expected) => {
    const found = percentilesOf(buckets);
    expect(found && Object.values(found).map((ms) => ms.toFixed(3))).toEqual(
      expected && Object.values(expected).map((ms) => ms.toFixed(3)),
    );
  });

  it('is never further off than the bucket is wide', () => {
    const durations = array(double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 200 });
    assert(
      property(durations, (seconds) => {
        const counts = [...boundaries, Infinity].map(
          (upper, index) => seconds.filter((s) => s <= upper && s > (boundaries[index - 1] ?? -1)).length,
        );
        const { p95 } = percentilesOf({ boundaries, counts }) ?? { p95: NaN };
        const real = seconds.toSorted((a, b) => a - b)[Math.ceil(0.95 * seconds.length) - 1] as number;
        const bucket = boundaries.findIndex((upper) => real <= upper);
        expect(p95 / 1_000).toBeGreaterThanOrEqual(boundaries[bucket - 1] ?? 0);
        expect(p95 / 1_000).toBeLessThanOrEqual((boundaries[bucket] as number) + 1e-9);
      }),
    );
  });

  it('adds up what channels are counted apart', () => {
    assert(
      property(array(array(nat(50), { minLength: 5, maxLength: 5 }), { minLength: 1 }), (series) => {
        const merged = mergeBuckets(series.map((counts) => of(...counts)));
        expect(merged?.counts).toEqual(
          boundaries
            .concat(Infinity)
            .map((_, index) => series.reduce((sum, counts) => sum + (counts[index] as number), 0)),
        );
      }),
    );
    expect(mergeBuckets([])).toBeUndefined();
  });
});

describe('the window', () => {
  it('has what was counted in the last ten seconds, and nothing of before', () => {
    const window = new LatencyWindow();
    expect(window.look(of(0, 0, 0, 100, 0), 0)).toBeNull();
    expect(window.look(of(0, 0, 0, 100, 0), 1_000)).toBeNull();
    expect(window.look(of(10, 0, 0, 100, 0), 2_000)?.p99).toBeCloseTo(0.99);
    expect(window.look(of(10, 0, 0, 100, 0), 11_000)?.p99).toBeCloseTo(0.99);
    expect(window.look(of(10, 0, 0, 100, 0), 12_001)).toBeNull();
  });

  it('begins anew after a time in which nobody has looked', () => {
    const window = new LatencyWindow();
    window.look(of(0, 0, 0, 0, 0), 0);
    expect(window.look(of(0, 0, 0, 9, 0), 60_000)).toBeNull();
  });

  it('counts from nothing where there was nothing yet', () => {
    const window = new LatencyWindow();
    expect(window.look(undefined, 0)).toBeNull();
    expect(window.look(of(1, 0, 0, 0, 0), 1_000)?.p50).toBeCloseTo(0.5);
  });
});
