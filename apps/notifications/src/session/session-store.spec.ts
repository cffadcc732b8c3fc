import { SseChannelRegistry, SseModule } from '@nestcast/sse';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';

import { SESSION_MS, SessionStore } from './session-store.js';

describe('SessionStore', () => {
  let module: TestingModule;
  let store: SessionStore;
  /** The store of another node over the same log. */
  let other: SessionStore;

  beforeEach(async () => {
    module = await Test.createTestingModule({
      imports: [SseModule.forRoot()],
      providers: [SessionStore],
    }).compile();
    store = module.get(SessionStore);
    other = new SessionStore(module.get(SseChannelRegistry));
  });
  afterEach(() => module.close());

  it('ends all sessions that a user has begun, and nobody else’s', async () => {
    const [laptop, phone, grace] = [
      await store.begin('ada'),
      await other.begin('ada'),
      await store.begin('grace'),
    ];
    expect([await store.isCurrent(laptop), await store.isCurrent(phone)]).toEqual([true, true]);
    await store.endAll('ada');
    expect([await store.isCurrent(laptop), await store.isCurrent(phone)]).toEqual([false, false]);
    expect(await store.isCurrent(grace)).toBe(true);
  });

  it('ends them on all nodes', async () => {
    const session = await store.begin('ada');
    await other.endAll('ada');
    expect([await store.isCurrent(session), await other.isCurrent(session)]).toEqual([false, false]);
  });

  it('lets a user in again at once, and out again, whatever the clock says', async () => {
    const now = jest.spyOn(Date, 'now');
    try {
      now.mockReturnValue(2_000_000_000_000);
      await store.endAll('ada');
      // A node whose clock is behind.
      now.mockReturnValue(1_999_999_000_000);
      const again = await other.begin('ada');
      expect(await store.isCurrent(again)).toBe(true);
      await store.endAll('ada');
      expect(await store.isCurrent(again)).toBe(false);
    } finally {
      now.mockRestore();
    }
  });

  it('ends a session after a week', async () => {
    const session = await store.begin('ada');
    expect(await store.isCurrent({ ...session, since: session.since - SESSION_MS + 60_000 })).toBe(true);
    expect(await store.isCurrent({ ...session, since: session.since - SESSION_MS })).toBe(false);
  });
});
