import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { TimerWheel } from './timer-wheel.js';

/** 512 slots of 20 ms. */
const ROTATION_MS = 10_240;
const TICK_MS = 20;

describe('TimerWheel', () => {
  let wheel: TimerWheel;
  let ran: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    wheel = new TimerWheel();
    ran = [];
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const run = (name: string) => (): void => void ran.push(name);

  for (const delay of [0, 1, 19, 20, 21, 500, ROTATION_MS - 1, ROTATION_MS, ROTATION_MS + 1, 3_600_000]) {
    it(`runs a task of ${delay} ms never early, and soon`, () => {
      jest.advanceTimersByTime(7);
      wheel.schedule(delay, run('task'));
      jest.advanceTimersByTime(Math.max(0, delay - 1));
      expect(ran).toEqual([]);
      jest.advanceTimersByTime(2 * TICK_MS + 1);
      expect(ran).toEqual(['task']);
      jest.advanceTimersByTime(3 * ROTATION_MS);
      expect(ran).toEqual(['task']);
    });
  }

  it('takes a delay below 0 for 0', () => {
    wheel.schedule(-5_000, run('task'));
    jest.advanceTimersByTime(2 * TICK_MS);
    expect(ran).toEqual(['task']);
  });

  it('takes no delay that is no number', () => {
    for (const delay of [Number.NaN, Infinity]) {
      expect(() => wheel.schedule(delay, run('never'))).toThrow(RangeError);
    }
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for longer than a timer of Node can', () => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    wheel.schedule(30 * 86_400_000, run('task'));
    expect(setTimer.mock.lastCall?.[1]).toBe(2 ** 31 - 1);
    jest.advanceTimersByTime(2 * ROTATION_MS);
    expect(ran).toEqual([]);
    setTimer.mockRestore();
  });

  it('runs in due order, and what is due at once as it was scheduled', () => {
    for (const [name, delay] of [
      ['d', 45],
      ['a', 5],
      ['b', 5],
      ['c', 5],
      ['e', 5 + ROTATION_MS],
    ] as const) {
      wheel.schedule(delay, run(name));
    }
    jest.advanceTimersByTime(2 * ROTATION_MS);
    expect(ran.join('')).toBe('abcde');
  });

  it('runs what fell due while the process was held up, in order', () => {
    for (const delay of [3 * ROTATION_MS, 100, 50, 2 * ROTATION_MS, ROTATION_MS + 50]) {
      wheel.schedule(delay, run(String(delay)));
    }
    const blocked = performance.now() + 4 * ROTATION_MS;
    jest.spyOn(performance, 'now').mockReturnValue(blocked);
    jest.advanceTimersToNextTimer();
    jest.restoreAllMocks();
    expect(ran.map(Number)).toEqual([50, 100, ROTATION_MS + 50, 2 * ROTATION_MS, 3 * ROTATION_MS]);
  });

  it('cancels, before and after, once and again', () => {
    const cancel = wheel.schedule(100, run('cancelled'));
    const cancelRun = wheel.schedule(50, run('run'));
    jest.advanceTimersByTime(80);
    cancelRun();
    cancel();
    cancel();
    jest.advanceTimersByTime(ROTATION_MS);
    expect(ran).toEqual(['run']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('cancels from within a task one that is due with it', () => {
    wheel.schedule(10, () => {
      ran.push('first');
      cancelOther();
    });
    const cancelOther = wheel.schedule(10, run('other'));
    jest.advanceTimersByTime(ROTATION_MS);
    expect(ran).toEqual(['first']);
  });

  it('schedules from within a task', () => {
    const again = (): void => {
      ran.push(`at ${Math.round(performance.now() - start)}`);
      if (ran.length < 4) {
        wheel.schedule(100, again);
      }
    };
    const start = performance.now();
    wheel.schedule(100, again);
    jest.advanceTimersByTime(1_000);
    expect(ran).toEqual(['at 100', 'at 200', 'at 300', 'at 400']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('never runs a task in the turn that scheduled it', () => {
    wheel.schedule(0, () => {
      wheel.schedule(0, run('inner'));
      expect(ran).toEqual([]);
    });
    jest.advanceTimersByTime(4 * TICK_MS);
    expect(ran).toEqual(['inner']);
  });

  it('is one timer of Node for 10,000 tasks, and none when all are cancelled', () => {
    const cancels = Array.from({ length: 10_000 }, (_, index) =>
      wheel.schedule((index * 7) % 60_000, run('x')),
    );
    expect(jest.getTimerCount()).toBe(1);
    cancels.forEach((cancel) => cancel());
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(60_000);
    expect(ran).toEqual([]);
  });

  it('runs the others when a task throws', () => {
    wheel.schedule(10, run('before'));
    wheel.schedule(10, () => {
      throw new Error('a task failed');
    });
    wheel.schedule(10, run('after'));
    wheel.schedule(500, run('later'));
    expect(() => jest.advanceTimersByTime(100)).toThrow('a task failed');
    jest.advanceTimersByTime(1_000);
    expect(ran).toEqual(['before', 'after', 'later']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells the time of the monotonic clock', () => {
    const before = wheel.now();
    jest.advanceTimersByTime(1_500);
    expect(wheel.now() - before).toBe(1_500);
  });

  it('does as a sorted list would (property)', () => {
    const step = fc.record({
      wait: fc.nat({ max: 3_000 }),
      delay: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 3 * ROTATION_MS })),
      cancels: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        wheel = new TimerWheel();
        const start = performance.now();
        const tasks = new Map<number, { due: number; cancel: () => void }>();
        const order: number[] = [];
        for (const [name, { wait, delay, cancels }] of steps.entries()) {
          jest.advanceTimersByTime(wait);
          const due = performance.now() + delay;
          const cancel = wheel.schedule(delay, () => {
            expect(performance.now()).toBeGreaterThanOrEqual(due);
            expect(performance.now()).toBeLessThanOrEqual(due + 2 * TICK_MS);
            order.push(name);
          });
          tasks.set(name, { due, cancel });
          const victim = cancels === undefined ? name + 1 : cancels % (name + 1);
          if (!order.includes(victim)) {
            tasks.get(victim)?.cancel();
            tasks.delete(victim);
          }
        }
        jest.advanceTimersByTime(4 * ROTATION_MS);
        const tickOf = (name: number): number => Math.ceil(((tasks.get(name)?.due ?? 0) - start) / TICK_MS);
        const expected = [...tasks.keys()].toSorted((a, b) => tickOf(a) - tickOf(b));
        expect(order.map(tickOf)).toEqual(expected.map(tickOf));
        expect(new Set(order)).toEqual(new Set(expected));
        expect(order).toHaveLength(expected.length);
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });
});
