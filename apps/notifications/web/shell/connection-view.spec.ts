import { type ConnectionState, SseClientError } from '@nestcast/client';
import { describe, expect, it } from '@jest/globals';

import { connectionView } from './connection-view.js';

const now = 1_000_000;
const refused = (status: number) => new SseClientError('HTTP_STATUS', status, { status });
const calm: ConnectionState = {
  status: 'open',
  transport: 'stream',
  attempt: 0,
  retryAt: undefined,
  error: undefined,
};

describe('connectionView()', () => {
  it.each<[string, Partial<ConnectionState>, boolean]>([
    ['Live', {}, true],
    ['Live', {}, false],
    ['Connecting…', { status: 'connecting' }, true],
    ['Reconnecting…', { status: 'connecting', attempt: 1 }, true],
    ['Reconnecting in 3 s', { status: 'waiting', attempt: 1, retryAt: now + 2_001 }, true],
    ['Reconnecting…', { status: 'waiting', attempt: 1, retryAt: now }, true],
    ['Offline', { status: 'waiting', attempt: 1, retryAt: now + 2_000 }, false],
    ['Busy, again in 9 s', { status: 'waiting', retryAt: now + 9_000, error: refused(429) }, true],
    ['Signed out elsewhere', { status: 'closed', error: refused(401) }, true],
    ['Not connected', { status: 'closed', error: refused(403) }, true],
  ])('says "%s" of %j, online: %s', (label, state, online) => {
    expect(connectionView({ ...calm, ...state }, online, now).label).toBe(label);
  });
});
