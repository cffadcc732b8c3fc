import { inspect } from 'node:util';
import type { GapReason } from '../broker/broker.js';
import type { EventId } from '../event.js';
import { SseError } from '../sse-error.js';
import { eventFrame, retryFrame } from './frame.js';

/** Why a connection ended; exactly one of these, told to the client in `sse:goodbye` where it still listens. */
export type CloseReason =
  /** The client went away. */
  | 'client'
  /** The application closed it. */
  | 'server'
  /** The node is shutting down. */
  | 'drain'
  /** Its credentials ended. */
  | 'expired'
  /** It was open for as long as connections may be. */
  | 'max-age'
  /** The client read too slowly. */
  | 'overflow'
  /** Its right to read was taken back. */
  | 'revoked'
  /** The stream has come to its end. */
  | 'complete'
  /** A long poll has been answered; its client comes back, and no goodbye says otherwise. */
  | 'answered'
  /** Its source, the broker or the socket failed. */
  | 'error';

/** The reasons for which the server's side ends a stream. */
export type ServerCloseReason = Exclude<CloseReason, 'client' | 'answered' | 'error'>;

const serverCloseReasons: Readonly<Record<ServerCloseReason, true>> = {
  server: true,
  drain: true,
  expired: true,
  'max-age': true,
  overflow: true,
  revoked: true,
  complete: true,
};

/** @throws SseError `INVALID_OPTION` if it is none of the reasons that are `allowed`; default: all of the server's side */
export function assertCloseReason(
  reason: unknown,
  allowed: readonly string[] = Object.keys(serverCloseReasons),
): void {
  if (!allowed.includes(reason as string)) {
    throw new SseError(
      'INVALID_OPTION',
      `A stream is closed for one of the reasons ${allowed.join(', ')}; got ${inspect(reason, { depth: 0 })}.`,
    );
  }
}

/** Data of `sse:connected`, the first event of every stream. */
export interface ConnectedData {
  readonly connectionId: string;
  /** How long the stream may be quiet before a heartbeat comes; milliseconds, 0: none ever does. */
  readonly heartbeatMs: number;
}

/** Data of `sse:gap`: events are gone, refetch what you show. */
export interface GapData {
  /** The log's, or `overflow`: the client read too slowly and has lost the oldest, as the policy says. */
  readonly reason: GapReason | 'overflow';
  /** Empty for a private stream. */
  readonly channels: readonly string[];
  /** The log's position when the gap was told; empty for a private stream. */
  readonly id: EventId;
}

/** Data of `sse:goodbye`, the last event of a stream that the server ends. */
export interface GoodbyeData {
  readonly reason: CloseReason;
  /** When to come back, in milliseconds; absent where the module's retry hint still holds. */
  readonly retryMs?: number;
  /** The limit that is used up, `pressure`, or `balance`, where that is why. */
  readonly limit?: string;
}

/** Put together by hand: every stream begins with one, and an id of ours needs no escapes. */
export const connectedFrame = ({ connectionId, heartbeatMs }: ConnectedData): string =>
  `event: sse:connected\ndata: {"connectionId":"${connectionId}","heartbeatMs":${heartbeatMs}}\n\n`;
export const gapFrame = (data: GapData): string => controlFrame('sse:gap', data);
export const heartbeatFrame = (at: number): string => controlFrame('sse:heartbeat', { at });

/**
 * An id for a client that has none of the log's, so that its return can be told from a first open: whoever sends it back
 * has been here. It is a place in no log.
 */
export const RETURN_ID = 'sse:return';

export function goodbyeFrame(data: GoodbyeData): string {
  const retry = data.retryMs === undefined ? '' : retryFrame(data.retryMs);
  return retry + controlFrame('sse:goodbye', data);
}

/** Control events carry no id, so that they never move a cursor. */
function controlFrame(type: `sse:${string}`, data: object): string {
  return eventFrame({ type, data: JSON.stringify(data), retryMs: undefined, final: false }, '');
}
