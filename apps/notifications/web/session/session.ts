import type { Account } from '../../src/accounts/account.js';

/** Who is signed in, as `GET /session` answers. */
export type Session = Account;

/** As `GET /session/demo-accounts` answers; with accounts there is the password of them all. */
export interface DemoAccounts {
  readonly password?: string;
  readonly accounts: readonly Account[];
}

export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'signed-in'; readonly session: Session }
  /** `ended`: it was so without being asked for: elsewhere, or in time. */
  | { readonly status: 'signed-out'; readonly ended: boolean }
  /** It isn't known: the server can't be asked. */
  | { readonly status: 'failed'; readonly message: string };

export type SessionAction =
  | { readonly type: 'asked' }
  | { readonly type: 'known'; readonly session: Session }
  | { readonly type: 'left' }
  /** An answer has said that nobody is signed in. */
  | { readonly type: 'unauthorized' }
  | { readonly type: 'failed'; readonly message: string };

export function sessionReducer(state: SessionState, action: SessionAction): SessionState {
  switch (action.type) {
    case 'asked':
      return state.status === 'failed' ? { status: 'loading' } : state;
    case 'known':
      return { status: 'signed-in', session: action.session };
    case 'left':
      return { status: 'signed-out', ended: false };
    case 'unauthorized':
      return state.status === 'signed-out'
        ? state
        : { status: 'signed-out', ended: state.status === 'signed-in' };
    case 'failed':
      // Who was signed in still is, as far as anyone knows.
      return state.status === 'signed-in' ? state : { status: 'failed', message: action.message };
  }
}
