import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { delayBefore, retryAfterMs } from './backoff.js';
import { createWatchdog } from './watchdog.js';

const options = { baseMs: 1_000, maxMs: 30_000 };

describe('the delay before an attempt', () => {
  it('is the server’s own after a stream that was open', () => {
    expect(delayBefore(0, 2_718, options)).toBe(2_718);
  });

  it.each([
    [0, undefined, 0, 1_000],
    [1, undefined, 0, 2_000],
    [4, undefined, 0, 16_000],
    [5, undefined, 0, 30_000],
    [2, 3_000, 3_000, 7_000],
    [9, 3_000, 3_000, 33_000],
  ])('after %i failures with retry %s is from %i to %i', (failures, retryMs, from, to) => {
    const random = jest.spyOn(Math, 'random');
    random.mockReturnValue(0);
    expect(delayBefore(failures, retryMs, options)).toBe(from);
    random.mockReturnValue(1);
    expect(delayBefore(failures, retryMs, options)).toBe(to);
    random.mockRestore();
  });

  it('is a number whatever is given', () => {
    const numbers = fc.double({ min: 0, noNaN: true });
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.option(numbers, { nil: undefined }),
        numbers,
        numbers,
        (failures, retryMs, baseMs, maxMs) => {
          expect(delayBefore(failures, retryMs, { baseMs, maxMs })).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z') }));
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', 0],
    [null, undefined],
    ['', undefined],
  ])('%s is %s', (value, ms) => {
    expect(retryAfterMs(value)).toBe(ms ?? NaN);
  });
});

describe('the watchdog', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('has one timer, and calls back when nothing was seen for as long as that', () => {
    const { onQuiet, watchdog } = watch();
    watchdog.limit(100);
    for (let count = 0; count < 50; count += 1) {
      jest.advanceTimersByTime(90);
      watchdog.seen();
      expect(jest.getTimerCount()).toBe(1);
    }
    jest.advanceTimersByTime(99);
    expect(onQuiet).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2);
    expect(onQuiet).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts anew from a limit on, by default with the same', () => {
    const { onQuiet, watchdog } = watch();
    watchdog.limit(100);
    watchdog.stop();
    jest.advanceTimersByTime(1_000);
    watchdog.limit();
    jest.advanceTimersByTime(99);
    expect(onQuiet).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2);
    expect(onQuiet).toHaveBeenCalledTimes(1);
  });

  it.each([0, NaN])('lets it be quiet for ever with %s', (ms) => {
    const { watchdog } = watch();
    watchdog.limit(ms);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('finds out at once after a sleep, and when the clock was set back', () => {
    const { onQuiet, watchdog } = watch();
    watchdog.limit(1_000);
    jest.setSystemTime(Date.now() - 3_600_000);
    jest.advanceTimersByTime(1_001);
    expect(onQuiet).toHaveBeenCalledTimes(1);
  });

  it('can wait for longer than a timer', () => {
    const { onQuiet, watchdog } = watch();
    watchdog.limit(2 ** 31 + 5_000);
    jest.advanceTimersByTime(2 ** 31);
    expect(onQuiet).not.toHaveBeenCalled();
    jest.advanceTimersByTime(5_001);
    expect(onQuiet).toHaveBeenCalledTimes(1);
  });
});

function watch() {
  const onQuiet = jest.fn();
  return { onQuiet, watchdog: createWatchdog(onQuiet) };
}
