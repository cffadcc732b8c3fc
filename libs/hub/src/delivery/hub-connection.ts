import { randomUUID } from 'node:crypto';
import { type EventId, type SseEvent, toPrivateRecord } from '../event.js';
import type { OpenOptions } from '../hub-options.js';
import {
  type CloseReason,
  type ServerCloseReason,
  assertCloseReason,
  type GapData,
  gapFrame,
} from '../protocol/control-event.js';
import { eventFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { ConnectionLease } from '../limits/lease-store.js';
import { BrotliTransport } from '../transport/brotli-transport.js';
import { inThisContext } from '../own-context.js';
import type { OverListener, Transport } from '../transport/transport.js';
import { Connection } from './connection.js';
import type { ConnectionContext } from './connection-context.js';
import { type ConnectionFigures, figuresOf } from './connection-figures.js';
import type { ConnectionInit, ConnectionLabels, ConnectionState } from './connection-init.js';
import { type LastWords, endWith, goodbye, untilNextTime } from './last-words.js';
import { Lifetime } from './lifetime.js';
import { openingFrames, openingHeaders } from './opening.js';
import { type ChannelNames, type Reader, formerReader, noChannels } from './reader.js';
import { WireWriter } from './wire-writer.js';

/** A connection of this hub, with what its delivery, limits and transport need of it. */
export class HubConnection extends Connection implements OverListener {
  readonly id = randomUUID();
  readonly userId: string | undefined;
  readonly tenant: string | undefined;
  readonly ip: string | undefined;
  readonly lastEventId: EventId | undefined;
  readonly openedAt: number;

  /** Where its events come from; `undefined` before its handler has told. */
  reader: Reader | undefined;
  transport: Transport;
  labels: ConnectionLabels | undefined;

  private writer: WireWriter | undefined;
  private reason: CloseReason | undefined;
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

  constructor(
    private readonly context: ConnectionContext<HubConnection>,
    init: ConnectionInit,
  ) {
    super();
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

  get closeReason(): CloseReason | undefined {
    return this.reason;
  }

  get channels(): ChannelNames {
    return this.reader?.channels ?? noChannels;
  }

  get messages(): number {
    return this.messageCount;
  }

  get bytes(): number {
    return this.writer?.bytes ?? 0;
  }

  get errors(): number {
    return this.errorCount;
  }

  stats(): ConnectionFigures {
    return figuresOf(this);
  }

  get lastActivityAt(): number {
    return this.lastWrite === undefined ? 0 : this.context.startedAt + this.lastWrite;
  }

  get lastEventAt(): number {
    return this.context.startedAt + this.lastEvent;
  }

  get signal(): AbortSignal {
    if (!this.aborted) {
      const controller = new AbortController();
      this.aborted = controller.signal;
      this.onClosed(() => controller.abort());
    }
    return this.aborted;
  }

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
    this.reader?.sent?.();
  }

  close(reason: ServerCloseReason = 'server', retryMs?: number, limit?: string): void {
    assertCloseReason(reason);
    if (this.settle(reason, undefined)) {
      const told = { ...(limit !== undefined && { limit }), ...(retryMs !== undefined && { retryMs }) };
      this.endWith(goodbye({ reason, ...told }));
    }
  }

  /** Ends a long poll; its client comes back from the place `id`. */
  answer(id: EventId): void {
    if (this.settle('answered', undefined)) {
      this.endWith(untilNextTime(id));
    }
  }

  expireAt(time: Date | number): void {
    this.lifetime.expireAt(time);
  }

  /** Ends it without a word, which its client would not read. */
  cutOff(reason: ServerCloseReason): void {
    if (this.settle(reason, undefined)) {
      this.transport.reset();
    }
  }

  /** Ends it because its source or the broker failed. */
  fail(error: unknown): void {
    if (this.settle('error', error)) {
      this.endWith(goodbye({ reason: 'error' }));
    }
  }

  /** Closes it before anything has been written; the request can still be answered otherwise. */
  abandon(reason: CloseReason, error?: unknown): void {
    this.settle(reason, error);
  }

  /** The response is over. */
  over(error: Error | undefined): void {
    this.settle(error ? 'error' : 'client', error);
  }

  /**
   * Calls `closed` once the connection has closed, in this async context; at once if it has. What it returns takes it back.
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

  /** Sends the headers and the first frames. */
  begin(options: OpenOptions, priming = ''): void {
    const { compression, tcpKeepAlive, coding } = options;
    this.maxBufferedBytes = options.overflow.maxBufferedBytes;
    this.transport.keepAlive?.(tcpKeepAlive.initialDelayMs);
    this.transport = coding === 'br' ? new BrotliTransport(this.transport) : this.transport;
    const writer = new WireWriter(this.transport, coding, compression?.thresholdBytes ?? 0);
    writer.start(openingHeaders(options), openingFrames(this.id, options, priming) + this.early);
    this.writer = writer;
    this.early = '';
    this.lastWrite = Math.ceil(this.context.clock.now() - this.context.startedAt);
    this.lastEvent = this.lastWrite;
    this.lifetime.begin(options);
    this.context.onOpen(this);
  }

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

  /** Whether more waits for its client than may. */
  overflows(): boolean {
    return this.writer !== undefined && this.writer.bufferedBytes > this.maxBufferedBytes;
  }

  /** Resolves when what has been written has left this process, or the response is over. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.transport.onDrain(resolve));
  }

  /** What to wait for before sending more; `undefined`: nothing. */
  writable(): Promise<void> | undefined {
    return this.transport.needsDrain ? this.drained() : undefined;
  }

  /** The frame of a gap that it is told. */
  gap(data: GapData): string {
    this.errorCount += 1;
    this.context.onGap(data.reason);
    return gapFrame(data);
  }

  private endWith(words: LastWords): void {
    if (!this.writer) {
      return;
    }
    try {
      endWith(words, this.writer, this.transport, this.context.clock);
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
