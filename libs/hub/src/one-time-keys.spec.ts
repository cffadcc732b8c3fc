import { describe, expect, it } from '@jest/globals';
import { OneTimeKeys } from './one-time-keys.js';
import { caught } from './spec-support/caught.js';
import { HandClock } from './spec-support/hand-clock.js';
import { SseError } from './sse-error.js';

/** Of a broker that answers so. */
const failing = (answer: () => unknown) =>
  new OneTimeKeys({ spendOnce: answer as () => Promise<boolean> }, new HandClock());

describe('a one-time key', () => {
  it('is spent once, also by calls at the same time', async () => {
    const keys = new OneTimeKeys({}, new HandClock());
    const first = await Promise.all(Array.from({ length: 100 }, () => keys.spend('a', 1_000)));
    expect(first.filter(Boolean)).toHaveLength(1);
    expect(await keys.spend('b', 1_000)).toBe(true);
    expect(await keys.spend('a', 1_000)).toBe(false);
  });

  it('is remembered for its time to live, and no timer runs for it', async () => {
    const clock = new HandClock();
    const keys = new OneTimeKeys({}, clock);
    for (const key of ['a', 'b', 'c']) {
      await keys.spend(key, 1_000);
      clock.advance(100);
    }
    clock.advance(699);
    expect(await keys.spend('a', 1_000)).toBe(false);
    clock.advance(101);
    expect(await keys.spend('d', 1_000)).toBe(true);
    expect([keys.size, clock.pending]).toEqual([2, 0]);
  });

  it('is spent by the broker where it can', async () => {
    const spent = new Map<string, number>();
    const broker = {
      spendOnce: async (key: string, ttlMs: number) => !spent.has(key) && spent.set(key, ttlMs).size > 0,
    };
    const nodes = [
      new OneTimeKeys(broker, new HandClock()),
      new OneTimeKeys(broker, new HandClock()),
    ] as const;
    expect(await Promise.all(nodes.map((node) => node.spend('a', 1_000)))).toEqual([true, false]);
    expect([...spent]).toEqual([['a', 1_000]]);
    expect(nodes[0].size).toBe(0);
  });

  it('is never free because the broker fails or tells nonsense', async () => {
    const cause = new Error('no answer');
    const error = await caught(() => failing(() => Promise.reject(cause)).spend('a', 1_000));
    expect([error.code, error.cause]).toEqual(['BROKER_UNAVAILABLE', cause]);
    const closed = new SseError('BROKER_CLOSED', 'closed');
    expect(await caught(() => failing(() => Promise.reject(closed)).spend('a', 1_000))).toBe(closed);
    for (const nonsense of [undefined, 1, 'OK']) {
      expect(await failing(async () => nonsense).spend('a', 1_000)).toBe(false);
    }
  });
});
