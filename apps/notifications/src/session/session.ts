import type { Account } from '../accounts/account.js';

/** How long a session lasts; milliseconds. */
export const SESSION_MS = 7 * 24 * 60 * 60 * 1_000;

/** What the signed cookie says. */
export interface Session {
  readonly userId: string;
  /** Which of the account's sessions it is one of: all of an epoch end together. */
  readonly epoch: number;
  /** When the user has signed in, in milliseconds since the Unix epoch. */
  readonly since: number;
}

/** The signed-in user of a request, as the guard has found it. */
export interface User extends Account {
  readonly session: Session;
}

declare global {
  namespace Express {
    interface Request {
      /** Set by the session guard. */
      user?: User;
    }
  }
}
