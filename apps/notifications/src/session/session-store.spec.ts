import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { SESSION_MS, SessionStore } from './session-store.js';

describe('SessionStore', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ends all sessions that a user has begun, and nobody else’s', async () => {
    const store = new SessionStore();
    const [laptop, phone, other] = [
      await store.begin('ada'),
      await store.begin('ada'),
      await store.begin('grace'),
    ];
    expect([await store.isCurrent(laptop), await store.isCurrent(phone)]).toEqual([true, true]);
    await store.endAll('ada');
    expect([await store.isCurrent(laptop), await store.isCurrent(phone)]).toEqual([false, false]);
    expect(await store.isCurrent(other)).toBe(true);
  });

  it('lets a user in again at once, and out again, in the same millisecond', async () => {
    const store = new SessionStore();
    await store.endAll('ada');
    const again = await store.begin('ada');
    expect(await store.isCurrent(again)).toBe(true);
    await store.endAll('ada');
    expect(await store.isCurrent(again)).toBe(false);
  });

  it('ends a session after a week', async () => {
    const store = new SessionStore();
    const session = await store.begin('ada');
    jest.advanceTimersByTime(SESSION_MS - 1);
    expect(await store.isCurrent(session)).toBe(true);
    jest.advanceTimersByTime(1);
    expect(await store.isCurrent(session)).toBe(false);
  });
});
