import { describe, expect, it } from '@jest/globals';
import { WorkerRestarts } from './worker-restarts.js';

const died = (restarts: WorkerRestarts, times: number, upMs?: number): number[] =>
  Array.from({ length: times }, () => restarts.died(upMs));

describe('restarts of a worker', () => {
  it('come at once, and later and later where it dies again and again', () => {
    const restarts = new WorkerRestarts();
    expect(died(restarts, 5)).toEqual([0, 100, 200, 400, 800]);
    expect(died(restarts, 20).at(-1)).toBe(10_000);
  });

  it('come at once again when it has been up for a while', () => {
    const restarts = new WorkerRestarts();
    died(restarts, 8, 9_999);
    expect(restarts.died(10_000)).toBe(0);
    expect(restarts.hopeless).toBe(false);
    expect(died(restarts, 2)).toEqual([0, 100]);
  });

  it('are hopeless after five deaths', () => {
    const restarts = new WorkerRestarts();
    died(restarts, 4);
    expect(restarts.hopeless).toBe(false);
    died(restarts, 1);
    expect(restarts.hopeless).toBe(true);
  });
});
