import type { EventId, SseEvent } from '../event.js';
import type { CloseReason, ServerCloseReason } from '../protocol/control-event.js';
import type { ConnectionFigures } from './connection-figures.js';
import type { ConnectionState } from './connection-init.js';
import type { ChannelNames } from './reader.js';

/** One open event stream response, as an application sees it. */
export abstract class Connection {
  /** Told to the client in `sse:connected`. */
  abstract readonly id: string;
  /** Who it belongs to. */
  abstract readonly userId: string | undefined;
  /** Which of the application's customers it belongs to, where there are several. */
  abstract readonly tenant: string | undefined;
  /** The client's address, as the application's server resolves it. */
  abstract readonly ip: string | undefined;
  /** What the client sent as its Last-Event-ID. */
  abstract readonly lastEventId: EventId | undefined;
  /** Milliseconds since the Unix epoch. */
  abstract readonly openedAt: number;

  abstract get state(): ConnectionState;

  abstract get closed(): boolean;

  /** Why it closed; `undefined` while it is open. */
  abstract get closeReason(): CloseReason | undefined;

  /** What it is subscribed to or, once closed, was. Empty for a private stream. */
  abstract get channels(): ChannelNames;

  /** Events sent, control events not counted. */
  abstract get messages(): number;

  /** Bytes of the body on the wire. */
  abstract get bytes(): number;

  /** Gaps it was told, and its own failure if that has ended it. */
  abstract get errors(): number;

  /** When something was last written, in milliseconds since the Unix epoch; 0 while it is opening. */
  abstract get lastActivityAt(): number;

  /** When it was last sent an event, its opening to begin with; milliseconds since the Unix epoch. */
  abstract get lastEventAt(): number;

  /** Aborted when the connection closes, however it ends. */
  abstract get signal(): AbortSignal;

  /** Its figures now. */
  abstract stats(): ConnectionFigures;

  /**
   * Sends an event to this client alone, outside any channel: without an id, unless it is given one. Does nothing once
   * the connection is closed; while it is opening, the event goes out with the first bytes.
   *
   * @throws SseError if the event can't be written
   */
  abstract send(event: SseEvent): void;

  /**
   * Ends the stream at once: the client is told with `sse:goodbye`, and what has been written is flushed. What was
   * published in the same turn of the event loop has not been; `disconnect()` of the registry waits for it. Does nothing
   * once closed.
   *
   * @param reason default `server`
   * @param retryMs when the client shall come back, in milliseconds; default: as its retry hint said
   * @param limit the limit that is used up, where that is why
   * @throws SseError `INVALID_OPTION` for a reason that the server has not
   */
  abstract close(reason?: ServerCloseReason, retryMs?: number, limit?: string): void;

  /**
   * Closes it with the reason `expired` at this time, for instance a token's end; called again, at the new time instead.
   * A time in the past is now, Infinity is never.
   *
   * @throws SseError `INVALID_OPTION` if it is no time (NaN, an invalid Date)
   */
  abstract expireAt(time: Date | number): void;
}
