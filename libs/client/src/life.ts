import type { SseClientError } from './sse-client-error.js';

/** What a connection remembers over its attempts. */
export interface Life {
  /** The server's reconnection time; milliseconds. */
  retryMs?: number;
  /** How long the first bytes may take; milliseconds, 0: for ever. */
  openTimeoutMs: number;
  /** How long the next poll may wait at the server; seconds. `undefined`: it streams. */
  waitS: number | undefined;
  /** Attempts that have failed in a row. */
  failures: number;
  /** What the last attempt has failed with. */
  error?: SseClientError | undefined;
}

/** How an attempt has ended. */
export interface End {
  /** None if the server has ended it as it should. */
  readonly error?: SseClientError | undefined;
  /** There is to be no other. */
  readonly final?: boolean;
  /** When to come back; milliseconds. Nothing, or NaN: the server hasn't told. */
  readonly delayMs?: number | undefined;
  /** It was no failure, whatever it has ended with. */
  readonly lively?: boolean;
  /** The answer to a poll is complete. */
  readonly polled?: boolean;
}
