import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { type EventId, type SseEvent, toPrivateRecord } from '../event.js';
import { type OpenOptions, jittered } from '../hub-options.js';
import {
  type CloseReason,
  type ServerCloseReason,
  connectedFrame,
  goodbyeFrame,
} from '../protocol/control-event.js';
import { eventFrame, retryFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { ConnectionLease } from '../limits/lease-table.js';
import { BrotliTransport } from '../transport/brotli-transport.js';
import { eventStreamHeaders } from '../transport/event-stream-headers.js';
import { flushed } from '../transport/flushed.js';
import type { OverListener, Transport } from '../transport/transport.js';
import type { ConnectionInit, ConnectionState } from './connection-init.js';
import { Lifetime } from './lifetime.js';
import { type ChannelNames, type Reader, noChannels } from './reader.js';
import { WireWriter } from './wire-writer.js';

/** What a connection needs of its hub. @internal */
export interface ConnectionContext {
  readonly clock: Clock;
  /** When the hub was made; milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly onOpen: (connection: Connection) => void;
  readonly onClose: (connection: Connection, reason: CloseReason, opened: boolean, error: unknown) => void;
  readonly onError: (error: unknown, what: string) => void;
}

/** How long a client may take to read the end of its stream before it is cut off; milliseconds. */
const LAST_READ_MS = 5_000;

/** One open event stream response. */
export class Connection implements OverListener {
  /** Told to the client in `sse:connected`. */
  readonly id = randomUUID();
  readonly userId: string | undefined;
  readonly ip: string | undefined;
  /** What the client sent as its Last-Event-ID. */
  readonly lastEventId: EventId | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number;

  /** Where its events come from; `undefined` before its handler has told. @internal */
  reader: Reader | undefined;
  /** @internal */
  transport: Transport;

  private writer: WireWriter | undefined;
  private reason: CloseReason | undefined;
  /** @internal */
  readonly lease: ConnectionLease | undefined;
  /** Frames sent while it was opening. */
  private early = '';
  /** In whole milliseconds since the hub's start: a small integer, which needs no object of its own. */
  private lastWrite: number | undefined;
  private maxBufferedBytes = Infinity;
  private messageCount = 0;
  private abort: AbortController | undefined;
  private readonly lifetime: Lifetime;
  /** Most have nobody who waits for their end. */
  private closing: (() => void)[] | undefined;

  /** @internal */
  constructor(
    private readonly context: ConnectionContext,
    init: ConnectionInit,
  ) {
    this.userId = init.userId;
    this.ip = init.ip;
    this.lastEventId = init.lastEventId;
    this.transport = init.transport;
    this.openedAt = context.clock.now();
    this.lifetime = new Lifetime(this, context.clock);
    this.lease = init.lease;
    this.transport.onOver(this);
  }

  get state(): ConnectionState {
    if (this.reason !== undefined) {
      return 'closed';
    }
    return this.writer ? (this.reader?.state ?? 'live') : 'opening';
  }

  get closed(): boolean {
    return this.reason !== undefined;
  }

  /** Why it closed; `undefined` while it is open. */
  get closeReason(): CloseReason | undefined {
    return this.reason;
  }

  /** What it is subscribed to. Empty for a private stream. */
  get channels(): ChannelNames {
    return this.reader?.channels ?? noChannels;
  }

  /** Events sent, control events not counted. */
  get messages(): number {
    return this.messageCount;
  }

  /** Bytes of the body on the wire. */
  get bytes(): number {
    return this.writer?.bytes ?? 0;
  }

  /** When something was last written, in milliseconds since the Unix epoch; 0 while it is opening. */
  get lastActivityAt(): number {
    return this.lastWrite === undefined ? 0 : this.context.startedAt + this.lastWrite;
  }

  /** Aborted when the connection closes, however it ends. */
  get signal(): AbortSignal {
    this.abort ??= new AbortController();
    if (this.closed) {
      this.abort.abort();
    }
    return this.abort.signal;
  }

  /**
   * Sends an event to this client alone, outside any channel: without an id, unless it is given one. Does nothing once
   * the connection is closed; while it is opening, the event goes out with the first bytes.
   *
   * @throws SseError if the event can't be written
   */
  send(event: SseEvent): void {
    const record = toPrivateRecord(event);
    const frame = eventFrame(record, record.id);
    if (this.closed) {
      return;
    }
    if (!this.writer) {
      this.messageCount += 1;
      this.early += frame;
      return;
    }
    // Looked at before: one event may be larger than all that may wait, and its source waits for it to be read.
    if (this.overflows()) {
      this.close('overflow');
      return;
    }
    this.write(new Payload(frame), 1, this.context.clock.now());
  }

  /**
   * Ends the stream at once: the client is told with `sse:goodbye`, and what has been written is flushed. What was
   * published in the same turn of the event loop has not been; `disconnect()` of the registry waits for it. Does nothing
   * once closed.
   *
   * @param retryMs when the client shall come back, in milliseconds; default: as its retry hint said
   */
  close(reason: ServerCloseReason = 'server', retryMs?: number): void {
    if (this.settle(reason, undefined)) {
      this.sayGoodbye(reason, retryMs);
    }
  }

  /**
   * Closes it with the reason `expired` at this time, for instance a token's end; called again, at the new time instead.
   * A time in the past is now, Infinity is never.
   *
   * @throws SseError `INVALID_OPTION` if it is no time (NaN, an invalid Date)
   */
  expireAt(time: Date | number): void {
    this.lifetime.expireAt(time);
  }

  /** Ends it because its source or the broker failed. @internal */
  fail(error: unknown): void {
    if (this.settle('error', error)) {
      this.sayGoodbye('error', undefined);
    }
  }

  /** Closes it before anything has been written; the request can still be answered otherwise. @internal */
  abandon(reason: CloseReason, error?: unknown): void {
    this.settle(reason, error);
  }

  /** The response is over. @internal */
  over(error: Error | undefined): void {
    this.settle(error ? 'error' : 'client', error);
  }

  /** Calls `closed` once the connection has closed; at once if it has. What it returns takes it back. @internal */
  onClosed(closed: () => void): () => void {
    if (this.closed) {
      closed();
    } else {
      this.closing = [...(this.closing ?? []), closed];
    }
    return () => {
      this.closing = this.closing?.filter((other) => other !== closed);
    };
  }

  /** Sends the headers and the first frames. @internal */
  begin(options: OpenOptions, priming = ''): void {
    const { retry, compression, heartbeat, maxConnectionAge, coding, negotiated } = options;
    this.maxBufferedBytes = options.overflow.maxBufferedBytes;
    this.transport = coding === 'br' ? new BrotliTransport(this.transport) : this.transport;
    const writer = new WireWriter(this.transport, coding, compression?.thresholdBytes ?? 0);
    const opening = retryFrame(jittered(retry.ms, retry.jitter)) + connectedFrame({ connectionId: this.id });
    writer.start(eventStreamHeaders(coding, negotiated), opening + priming + this.early);
    this.writer = writer;
    this.early = '';
    this.lastWrite = Math.ceil(this.context.clock.now() - this.context.startedAt);
    this.lifetime.begin(heartbeat, maxConnectionAge);
    this.context.onOpen(this);
  }

  /** @internal */
  write(payload: Payload, messages: number, now: number): void {
    if (!this.closed && this.writer) {
      this.lastWrite = Math.ceil(now - this.context.startedAt);
      this.messageCount += messages;
      try {
        this.writer.write(payload);
      } catch (error) {
        // A response that middleware has wrapped can throw: nobody else's delivery may suffer from it.
        this.settle('error', error);
        this.transport.destroy();
      }
    }
  }

  /** Whether more waits for its client than may. @internal */
  overflows(): boolean {
    return this.writer !== undefined && this.writer.bufferedBytes > this.maxBufferedBytes;
  }

  /** Resolves when what has been written has left this process, or the response is over. @internal */
  drained(): Promise<void> {
    return new Promise((resolve) => this.transport.onDrain(resolve));
  }

  /** What to wait for before sending more; `undefined`: nothing. @internal */
  writable(): Promise<void> | undefined {
    return this.transport.needsDrain ? this.drained() : undefined;
  }

  private sayGoodbye(reason: CloseReason, retryMs: number | undefined): void {
    if (!this.writer) {
      return;
    }
    void flushed(this.transport, LAST_READ_MS, this.context.clock);
    try {
      this.writer.end(new Payload(goodbyeFrame({ reason, ...(retryMs !== undefined && { retryMs }) })));
    } catch (error) {
      this.context.onError(error, `the goodbye of the connection ${this.id}`);
      this.transport.destroy();
    }
  }

  /** The one way out: the first reason counts, and everything held is let go. */
  private settle(reason: CloseReason, error: unknown): boolean {
    if (this.closed) {
      return false;
    }
    this.reason = reason;
    this.lifetime.end();
    const { closing = [] } = this;
    this.closing = undefined;
    for (const letGo of [() => this.lease?.release(), () => this.reader?.leaveAll(), ...closing]) {
      try {
        letGo();
      } catch (failure) {
        this.context.onError(failure, `closing the connection ${this.id}`);
      }
    }
    this.abort?.abort();
    this.context.onClose(this, reason, this.writer !== undefined, error);
    return true;
  }
}
