/** Events that the server sends on its own account; docs/wire.md says when. */
export interface ControlEvents {
  /** The stream is open. `heartbeatMs`: the longest that the server is quiet; 0: it may be for ever. */
  'sse:connected': { readonly connectionId: string; readonly heartbeatMs?: number };
  /** Events are gone: refetch what you show. */
  'sse:gap': GapData;
  /** A visible heartbeat. `at`: milliseconds since the Unix epoch. */
  'sse:heartbeat': { readonly at: number };
  /** The server ends the stream. */
  'sse:goodbye': GoodbyeData;
}

export interface GapData {
  /** `trimmed`, `epoch`, `unknown-id`, `lost` or `overflow`. */
  readonly reason: string;
  readonly channels: readonly string[];
  /** The log's place now. */
  readonly id: string;
}

export interface GoodbyeData {
  /** `server`, `drain`, `expired`, `max-age`, `overflow`, `revoked`, `complete` or `error`. */
  readonly reason: string;
  /** When to come back; milliseconds. Absent: as the last retry hint said. */
  readonly retryMs?: number;
  /** The limit that is used up, where that is why. */
  readonly limit?: string;
}

/** An event as listeners get it. */
export interface SseClientEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  /** The last event id as of this event; empty where there is none. [spec] WHATWG HTML 9.2.6 */
  readonly id: string;
}

/** Any event of a contract, told apart by its type. */
export type EventOf<Events extends object> = {
  [Type in keyof Events & string]: SseClientEvent<Type, Events[Type]>;
}[keyof Events & string];
