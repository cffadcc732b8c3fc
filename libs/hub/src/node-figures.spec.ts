import { describe, expect, it } from '@jest/globals';
import { Rates, processFigures } from './node-figures.js';
import { HandClock } from './spec-support/hand-clock.js';

const totals = (delivered: number) => ({ published: delivered / 10, delivered, bytes: delivered * 100 });

describe('Rates', () => {
  it('are those of the time since the start at first', () => {
    const clock = new HandClock();
    const rates = new Rates(clock);
    expect(rates.of(totals(0))).toEqual({ published: 0, delivered: 0, bytes: 0 });
    clock.advance(2_000);
    expect(rates.of(totals(100))).toEqual({ published: 5, delivered: 50, bytes: 5_000 });
  });

  it('forget what is more than five seconds ago', () => {
    const clock = new HandClock();
    const rates = new Rates(clock);
    let delivered = 0;
    for (let second = 1; second <= 10; second += 1) {
      clock.advance(1_000);
      delivered += 1_000;
      rates.of(totals(delivered));
    }
    for (let second = 1; second <= 4; second += 1) {
      clock.advance(1_000);
      // One of the five seconds looked back on was a busy one less each time.
      expect(rates.of(totals(delivered)).delivered).toBe((5 - second) * 200);
    }
    clock.advance(1_000);
    expect(rates.of(totals(delivered)).delivered).toBe(0);
  });

  it('are those of the time since somebody has asked last, after a while in which nobody has', () => {
    const clock = new HandClock();
    const rates = new Rates(clock);
    clock.advance(3_600_000);
    expect(rates.of(totals(36_000)).delivered).toBe(10);
    clock.advance(1_000);
    expect(rates.of(totals(36_100)).delivered).toBe(100);
    clock.advance(1_000);
    expect(rates.of(totals(36_400)).delivered).toBe(200);
  });

  it('are the same whoever asks in between, however often', () => {
    const clock = new HandClock();
    const rates = new Rates(clock);
    for (let asked = 0; asked < 1_000; asked += 1) {
      clock.advance(10);
      rates.of(totals(asked * 10));
    }
    expect(rates.of(totals(10_000)).delivered).toBeCloseTo(1_000, -2);
  });
});

describe('processFigures', () => {
  it('tells memory and processor time of this process', () => {
    const { rss, heapUsed, cpuMs } = processFigures();
    expect(heapUsed).toBeGreaterThan(1_000_000);
    expect(rss).toBeGreaterThan(heapUsed / 2);
    expect(cpuMs).toBeGreaterThan(1);
  });
});
