import type { Block } from '../event-stream.js';
import { SseClientError, type SseClientErrorCode } from '../sse-client-error.js';
import type { ConnectionState } from '../snapshot.js';

/** From the tab that leads: a block of the stream that it reads, or how its connection is. */
export interface Told {
  /** The tab that says it. */
  readonly from: string;
  /** The tab it is for; `undefined`: all. */
  readonly to?: string | undefined;
  /** The last event id of the leader's stream, before the block; empty: it has none yet. */
  readonly after: string;
  readonly block?: Block;
  /** What has changed, or all of it. */
  readonly state?: SentState;
}

/** From one of the others. */
export interface Asked {
  readonly from: string;
  /** `state`: how is the connection? `reconnect`: connect anew. */
  readonly ask: 'state' | 'reconnect';
}

/** An error loses what makes it ours when it is cloned. */
export type SentState = Omit<Partial<ConnectionState>, 'error'> & {
  readonly error?:
    | { readonly code: SseClientErrorCode; readonly message: string; readonly status: number | undefined }
    | undefined;
};

/** Whether it is one of these: anybody of the origin may post to a channel. */
export function isTabMessage(value: unknown): value is Told | Asked {
  const { from, ask, block, state } = Object(value) as Partial<Told & Asked>;
  return typeof from === 'string' && (ask ?? block ?? state) !== undefined;
}

export function sent(state: Partial<ConnectionState>): SentState {
  const { error } = state;
  if (!error) {
    return state;
  }
  const { code, status, message } = error;
  return { ...state, error: { code, status, message } };
}

export function received(state: SentState): Partial<ConnectionState> {
  const { error } = state;
  return error
    ? { ...state, error: Object.assign(new SseClientError(error.code, undefined, error), error) }
    : (state as Partial<ConnectionState>);
}
