import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nestcast/testing';
import { Breaker } from './breaker.js';

const TIMEOUT_MS = 1_000;

describe('Breaker', () => {
  let clock: ManualClock;
  let told: string[];
  let oldest: number | undefined;
  let breaker: Breaker;

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
    oldest = undefined;
    breaker = new Breaker(clock, TIMEOUT_MS, {
      oldestUnanswered: () => oldest,
      closed: () => told.push('closed'),
      opened: (reason) => told.push(`opened: ${reason}`),
      probe: () => told.push('probe'),
      givenUp: () => told.push('given up'),
    });
  });

  /** Lets time pass, and what has come in be read. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await new Promise(setImmediate);
  }

  function send(): void {
    oldest ??= clock.now();
    breaker.sent();
  }

  it('refuses before the first connection, and says so', () => {
    expect(breaker.state).toEqual({ up: false, detail: 'not connected yet' });
    breaker.lost('connect ECONNREFUSED');
    expect([breaker.state, told]).toEqual([{ up: false, detail: 'connect ECONNREFUSED' }, []]);
    breaker.connected();
    expect([breaker.state, told]).toEqual([{ up: true }, ['closed']]);
  });

  it('opens when one command has no answer in time, and probes once', async () => {
    breaker.connected();
    send();
    await pass(TIMEOUT_MS - 1);
    expect(breaker.isUp).toBe(true);
    await pass(1);
    expect(told).toEqual(['closed', `opened: no answer within ${TIMEOUT_MS} ms`, 'probe']);
    breaker.answered();
    expect(told.slice(3)).toEqual(['closed']);
  });

  it('gives up the connection when the probe has no answer either', async () => {
    breaker.connected();
    send();
    await pass(TIMEOUT_MS);
    await pass(TIMEOUT_MS);
    expect(told.slice(2)).toEqual(['probe', 'given up']);
    breaker.lost('gone');
    expect(told).toHaveLength(4);
    expect([breaker.state.detail, clock.pending]).toEqual(['gone', 0]);
  });

  it('looks at the oldest that is unanswered, with one timer for all', async () => {
    breaker.connected();
    send();
    await pass(600);
    oldest = clock.now();
    breaker.sent();
    expect(clock.pending).toBe(1);
    await pass(600);
    expect(breaker.isUp).toBe(true);
    await pass(400);
    expect(breaker.isUp).toBe(false);
  });

  it('reads what has come before it judges, however late it is', async () => {
    breaker.connected();
    send();
    clock.advance(5 * TIMEOUT_MS);
    oldest = undefined;
    await new Promise(setImmediate);
    expect([breaker.isUp, clock.pending]).toEqual([true, 0]);
  });

  it('has no timer when nothing is asked, nor when it is over', async () => {
    breaker.connected();
    expect(clock.pending).toBe(0);
    send();
    breaker.end();
    await pass(10 * TIMEOUT_MS);
    expect([told, clock.pending]).toEqual([['closed'], 0]);
  });
});
