import { describe, expect, it } from '@jest/globals';
import { Allowance } from './allowance.js';
import { HandClock } from './spec-support/hand-clock.js';
import { settled } from './spec-support/hub-fixture.js';

const never = new Promise<void>(() => undefined);

describe('Allowance', () => {
  it('waits for work as long as it lasts, in parts, and for nothing after that', async () => {
    const clock = new HandClock();
    const allowance = new Allowance(clock, 800);
    const first = allowance.within(never, 0.5);
    clock.advance(400);
    expect(await first).toBe(false);
    expect(allowance.leftMs).toBe(400);
    const second = allowance.within(never);
    clock.advance(400);
    expect(await second).toBe(false);
    const third = allowance.within(never);
    clock.advance(0);
    expect(await third).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('counts what work of its own bound has used, never below nothing', async () => {
    const clock = new HandClock();
    const allowance = new Allowance(clock, 800);
    const work = new Promise<string>((resolve) => {
      clock.schedule(900, () => resolve('done'));
    });
    const spent = allowance.spend(work);
    clock.advance(900);
    expect([await spent, allowance.leftMs]).toEqual(['done', 0]);
  });

  it('is told of work that is done, without a timer left, and passes on what fails', async () => {
    const clock = new HandClock();
    const allowance = new Allowance(clock, 800);
    expect(await allowance.within(settled())).toBe(true);
    await expect(allowance.within(Promise.reject(new Error('the broker is gone')))).rejects.toThrow('gone');
    expect([clock.pending, allowance.leftMs]).toEqual([0, 800]);
  });
});
