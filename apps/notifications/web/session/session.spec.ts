import { describe, expect, it } from '@jest/globals';

import { type Session, sessionReducer } from './session.js';

const session: Session = { id: 'ada', name: 'Ada', role: 'admin' };
const signedIn = { status: 'signed-in', session } as const;

describe('sessionReducer()', () => {
  it('tells a session that has ended from none, and from one that was left', () => {
    const unauthorized = { type: 'unauthorized' } as const;
    const ended = sessionReducer(signedIn, unauthorized);
    expect(ended).toEqual({ status: 'signed-out', ended: true });
    expect(sessionReducer({ status: 'loading' }, unauthorized)).toEqual({
      status: 'signed-out',
      ended: false,
    });
    expect(sessionReducer(signedIn, { type: 'left' })).toEqual({ status: 'signed-out', ended: false });
    // The next refusal says nothing new.
    expect(sessionReducer(ended, unauthorized)).toBe(ended);
  });

  it('keeps who is signed in while the server can’t be asked', () => {
    const failed = { type: 'failed', message: 'Away' } as const;
    expect(sessionReducer(signedIn, failed)).toBe(signedIn);
    const unknown = sessionReducer({ status: 'loading' }, failed);
    expect(unknown).toEqual({ status: 'failed', message: 'Away' });
    expect(sessionReducer(unknown, { type: 'asked' })).toEqual({ status: 'loading' });
    expect(sessionReducer(signedIn, { type: 'asked' })).toBe(signedIn);
  });
});
