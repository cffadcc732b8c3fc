import type { Block } from '../event-stream.js';
import { SseClientError, type SseClientErrorCode } from '../sse-client-error.js';
import type { ConnectionState } from '../snapshot.js';

/** From the tab that leads: a block of the stream that it reads, or how its connection is. */
export interface Told {
  /** The tab that says it. */
  readonly from: string;
  /** The tab it is for; `undefined`: all. */
  readonly to?: string;
  /** The last event id in the leader's stream before the block, or as of the state; `undefined`: it has no stream yet. */
  readonly after?: string;
  readonly block?: Block;
  readonly state?: SentState;
}

/** From one of the others. */
export interface Asked {
  readonly from: string;
  /** `state`: how is the connection? `reconnect`: connect anew. */
  readonly ask: 'state' | 'reconnect';
}

/** An error loses what makes it ours when it is cloned. */
export type SentState = Omit<ConnectionState, 'error'> & {
  readonly error: { readonly code: SseClientErrorCode; readonly message: string; readonly status?: number } | undefined;
};

/** Whether it is one of these: anybody of the origin may post to a channel. */
export function isTabMessage(value: unknown): value is Told | Asked {
  const { from, ask, block, state } = Object(value) as Partial<Told & Asked>;
  return typeof from === 'string' && (ask ?? block ?? state) !== undefined;
}

export function sent(state: ConnectionState): SentState {
  const { error } = state;
  return { ...state, error: error && { code: error.code, message: error.message, ...(error.status && { status: error.status }) } };
}

export function received(state: SentState): ConnectionState {
  const { error } = state;
  return {
    ...state,
    transport: 'shared',
    error: error && new SseClientError(error.code, error.message, error),
  };
}
