import { randomUUID } from 'node:crypto';
import { type EventId, type SseEvent, toPrivateRecord } from '../event.js';
import { type OpenOptions, jittered } from '../hub-options.js';
import {
  type CloseReason,
  type GoodbyeData,
  RETURN_ID,
  type ServerCloseReason,
  assertCloseReason,
  type GapData,
  connectedFrame,
  gapFrame,
} from '../protocol/control-event.js';
import { eventFrame, idFrame, retryFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { ConnectionLease } from '../limits/lease-store.js';
import { BrotliTransport } from '../transport/brotli-transport.js';
import { eventStreamHeaders } from '../transport/event-stream-headers.js';
import { inThisContext } from '../own-context.js';
import type { OverListener, Transport } from '../transport/transport.js';
import type { ConnectionContext } from './connection-context.js';
import { type ConnectionFigures, figuresOf } from './connection-figures.js';
import type { ConnectionInit, ConnectionLabels, ConnectionState } from './connection-init.js';
import { sayGoodbye } from './goodbye.js';
import { Lifetime } from './lifetime.js';
import { type ChannelNames, type Reader, formerReader, noChannels } from './reader.js';
import { WireWriter } from './wire-writer.js';

/** One open event stream response. */
export class Connection implements OverListener {
  /** Told to the client in `sse:connected`. */
  readonly id = randomUUID();
  readonly userId: string | undefined;
  readonly tenant: string | undefined;
  readonly ip: string | undefined;
  /** What the client sent as its Last-Event-ID. */
  readonly lastEventId: EventId | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number;

  /** Where its events come from; `undefined` before its handler has told. @internal */
  reader: Reader | undefined;
  /** @internal */
  transport: Transport;
  /** @internal */
  labels: ConnectionLabels | undefined;

  private writer: WireWriter | undefined;
  private reason: CloseReason | undefined;
  /** @internal */
  readonly lease: ConnectionLease | undefined;
  /** Frames sent while it was opening. */
  private early = '';
  /** In whole milliseconds since the hub's start: a small integer, which needs no object of its own. */
  private lastWrite: number | undefined;
  /** The same of its last event. */
  private lastEvent = 0;
  private maxBufferedBytes = Infinity;
  private messageCount = 0;
  private errorCount = 0;
  private aborted: AbortSignal | undefined;
  private readonly lifetime: Lifetime;
  /** Most have nobody who waits for their end. */
  private closing: (() => void)[] | undefined;

  /** @internal */
  constructor(
    private readonly context: ConnectionContext<Connection>,
    init: ConnectionInit,
  ) {
    this.userId = init.userId;
    this.tenant = init.tenant;
    this.ip = init.ip;
    this.lastEventId = init.lastEventId;
    this.transport = init.transport;
    this.openedAt = context.clock.now();
    this.lifetime = new Lifetime(this, context.clock);
    this.lease = init.lease;
    this.labels = init.labels;
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

  /** What it is subscribed to or, once closed, was. Empty for a private stream. */
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

  /** Gaps it was told, and its own failure if that has ended it. */
  get errors(): number {
    return this.errorCount;
  }

  stats(): ConnectionFigures {
    return figuresOf(this);
  }

  /** When something was last written, in milliseconds since the Unix epoch; 0 while it is opening. */
  get lastActivityAt(): number {
    return this.lastWrite === undefined ? 0 : this.context.startedAt + this.lastWrite;
  }

  /** When it was last sent an event, its opening to begin with; milliseconds since the Unix epoch. */
  get lastEventAt(): number {
    return this.context.startedAt + this.lastEvent;
  }

  /** Aborted when the connection closes, however it ends. */
  get signal(): AbortSignal {
    if (!this.aborted) {
      const controller = new AbortController();
      this.aborted = controller.signal;
      this.onClosed(() => controller.abort());
    }
    return this.aborted;
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
   * @param limit the limit that is used up, where that is why
   * @throws SseError `INVALID_OPTION` for a reason that the server has not
   */
  close(reason: ServerCloseReason = 'server', retryMs?: number, limit?: string): void {
    assertCloseReason(reason);
    if (this.settle(reason, undefined)) {
      this.sayGoodbye({
        reason,
        ...(limit !== undefined && { limit }),
        ...(retryMs !== undefined && { retryMs }),
      });
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

  /** Ends it without a word, which its client would not read. @internal */
  cutOff(reason: ServerCloseReason): void {
    if (this.settle(reason, undefined)) {
      this.transport.reset();
    }
  }

  /** Ends it because its source or the broker failed. @internal */
  fail(error: unknown): void {
    if (this.settle('error', error)) {
      this.sayGoodbye({ reason: 'error' });
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

  /**
   * Calls `closed` once the connection has closed, in this async context; at once if it has. What it returns takes it back.
   *
   * @internal
   */
  onClosed(closed: () => void): () => void {
    if (this.closed) {
      closed();
      return () => undefined;
    }
    const own = inThisContext(closed);
    this.closing = [...(this.closing ?? []), own];
    return () => {
      this.closing = this.closing?.filter((other) => other !== own);
    };
  }

  /** Sends the headers and the first frames. @internal */
  begin(options: OpenOptions, priming = ''): void {
    const { retry, compression, tcpKeepAlive, coding, negotiated } = options;
    this.maxBufferedBytes = options.overflow.maxBufferedBytes;
    this.transport.keepAlive?.(tcpKeepAlive.initialDelayMs);
    this.transport = coding === 'br' ? new BrotliTransport(this.transport) : this.transport;
    const writer = new WireWriter(this.transport, coding, compression?.thresholdBytes ?? 0);
    const opening = retryFrame(jittered(retry.ms, retry.jitter)) + connectedFrame({ connectionId: this.id });
    const id = priming === '' && options.marksReturn === true ? idFrame(RETURN_ID) : priming;
    writer.start(eventStreamHeaders(coding, negotiated), opening + id + this.early);
    this.writer = writer;
    this.early = '';
    this.lastWrite = Math.ceil(this.context.clock.now() - this.context.startedAt);
    this.lastEvent = this.lastWrite;
    this.lifetime.begin(options);
    this.context.onOpen(this);
  }

  /** @internal */
  write(payload: Payload, messages: number, now: number): void {
    if (!this.closed && this.writer) {
      this.lastWrite = Math.ceil(now - this.context.startedAt);
      if (messages > 0) {
        this.messageCount += messages;
        this.lastEvent = this.lastWrite;
      }
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

  /** The frame of a gap that it is told. @internal */
  gap(data: GapData): string {
    this.errorCount += 1;
    this.context.onGap(data.reason);
    return gapFrame(data);
  }

  private sayGoodbye(data: GoodbyeData): void {
    if (!this.writer) {
      return;
    }
    try {
      sayGoodbye(this.writer, this.transport, this.context.clock, data);
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
    this.errorCount += reason === 'error' ? 1 : 0;
    this.lifetime.end();
    const { closing = [] } = this;
    const names = formerReader(new Set(this.channels.keys()));
    this.closing = undefined;
    for (const letGo of [() => this.lease?.release(), () => this.reader?.leaveAll(), ...closing]) {
      try {
        letGo();
      } catch (failure) {
        this.context.onError(failure, `closing the connection ${this.id}`);
      }
    }
    this.reader = names;
    this.context.onClose(this, reason, this.writer !== undefined, error);
    return true;
  }
}
