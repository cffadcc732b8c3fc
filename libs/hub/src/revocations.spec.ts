import { describe, expect, it } from '@jest/globals';
import { Revocations } from './revocations.js';
import { HandClock } from './spec-support/hand-clock.js';

describe('a revocation', () => {
  it('is of what there was before it, and of all that its filter names', () => {
    const clock = new HandClock();
    const revocations = new Revocations(clock);
    const before = clock.now();
    clock.advance(1);
    revocations.add({ userId: 7 });
    revocations.add({ tenant: 'acme' });
    revocations.add({ userId: 'ann', tenant: 't' });
    const holders = [
      { userId: '7', tenant: undefined },
      { userId: '7', tenant: 'other' },
      { userId: 'bob', tenant: 'acme' },
      { userId: 'ann', tenant: 't' },
      { userId: 'ann', tenant: undefined },
      { userId: 'bob', tenant: 't' },
      { userId: undefined, tenant: undefined },
      { userId: 'acme', tenant: '7' },
    ];
    const revoked = [true, true, true, true, false, false, false, false];
    expect(holders.map((holder) => revocations.since(before, holder))).toEqual(revoked);
    expect(holders.some((holder) => revocations.since(clock.now(), holder))).toBe(false);
  });

  it('of one connection, or of a channel, is of no other right', () => {
    const revocations = new Revocations(new HandClock());
    revocations.add({ userId: 'ann', channel: 'news' });
    revocations.add({ connectionId: 'c' });
    expect(revocations.size).toBe(0);
  });

  it('is remembered for as long as a right can be used, and no timer runs for it', () => {
    const clock = new HandClock();
    const revocations = new Revocations(clock, 1_000);
    for (const userId of ['a', 'b', 'a']) {
      revocations.add({ userId });
      clock.advance(400);
    }
    revocations.add({ userId: 'c' });
    expect([revocations.size, clock.pending]).toEqual([3, 0]);
    clock.advance(599);
    revocations.add({ userId: 'c' });
    // The second of the first one's is younger.
    expect([revocations.since(0, { userId: 'a' }), revocations.since(0, { userId: 'b' })]).toEqual([
      true,
      false,
    ]);
    clock.advance(1_000);
    revocations.add({ userId: 'd' });
    expect(revocations.size).toBe(1);
  });
});
