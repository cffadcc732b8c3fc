import { describe, expect, it } from '@jest/globals';
import { ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new ManualClock(1_000);
    clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  it('runs what is due, in due order, at its due time', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
    clock.schedule(30, note('c'));
    clock.schedule(10, note('a'));
    clock.schedule(10, note('b'));
    clock.schedule(31, note('late'));
    clock.advance(30);
    expect(ran).toEqual(['a@10', 'b@10', 'c@30']);
    expect(clock.pending).toBe(1);
  });

  it('runs what tasks schedule within the span', () => {
    const clock = new ManualClock(0);
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.now());
      clock.schedule(10, again);
    };
    clock.schedule(10, again);
    clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(1);
  });

  it('does not run what is cancelled, even by a task due at the same time', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    clock.schedule(5, () => cancel());
    const cancel = clock.schedule(5, () => ran.push('cancelled'));
    clock.advance(10);
    cancel();
    expect(ran).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('refuses to go back, and delays that are no number', () => {
    const clock = new ManualClock();
    expect(() => clock.advance(-1)).toThrow(RangeError);
    expect(() => clock.advance(NaN)).toThrow(RangeError);
    expect(() => clock.schedule(NaN, () => undefined)).toThrow(RangeError);
  });
});
