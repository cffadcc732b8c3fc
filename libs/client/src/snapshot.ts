import type { SseClientError } from './sse-client-error.js';
import type { SseClientEvent } from './events.js';

/** `waiting`: for the moment of the next attempt, or for the page to be seen again. */
export type SseStatus = 'connecting' | 'open' | 'waiting' | 'closed';

/** What is known of a client's connection. */
export interface ConnectionState {
  readonly status: SseStatus;
  /** `poll`: where streaming is blocked. `shared`: another tab has the connection. */
  readonly transport: 'stream' | 'poll' | 'shared';
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** When it is tried again, if it waits for a time; milliseconds since the Unix epoch. */
  readonly retryAt: number | undefined;
  /** Why it waits, or has been closed for good; `undefined` while all is well. */
  readonly error: SseClientError | undefined;
}

/** Of a connection that neither waits nor has failed. */
export const calm = { attempt: 0, retryAt: undefined, error: undefined };

/** A client at one moment; a new object whenever something has changed. */
export interface SseSnapshot<Event extends SseClientEvent = SseClientEvent> extends ConnectionState {
  /** The last event of the application. */
  readonly event: Event | undefined;
}
