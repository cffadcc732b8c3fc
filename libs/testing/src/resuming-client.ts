import type { OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventId, GapData } from '@nestcast/hub';
import { Condition, DEFAULT_TIMEOUT_MS } from './condition.js';
import { openSse } from './sse-request.js';
import type { SseStream, StreamEvent } from './sse-stream.js';

export interface ResumingClientOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** Where to begin; default: wherever the server begins without one. */
  readonly lastEventId?: EventId;
  /** How long to wait after a refused connection or a 5xx; default 20. */
  readonly backoffMs?: number;
  /** Whether it waits as long as the last `retry:` said before it comes back, and before it tries again; default `false`. */
  readonly heedRetry?: boolean;
  /** How long the waits take at most; default 4,000. */
  readonly timeoutMs?: number;
}

/** Where a stream is; a function is asked before each attempt, as where an application has several nodes. */
export type StreamUrl = string | URL | (() => string | URL);

/**
 * Follows a URL as an EventSource does: whenever the stream ends or is cut it comes back, at once, with the last event
 * id, until {@link close} or a 204. Only a refused connection or a 5xx makes it wait for a moment, or a `retry:` if it shall
 * heed that. It begins when made.
 */
export class ResumingClient {
  /** All events over all connections, control events aside. */
  readonly events: StreamEvent[] = [];
  /** All control events (`sse:…`). */
  readonly controls: StreamEvent[] = [];
  /** What each `sse:gap` told. */
  readonly gaps: GapData[] = [];
  /** What the refused attempts failed with. */
  readonly refusals: unknown[] = [];

  private readonly condition = new Condition();
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private readonly timeoutMs: number;
  private opened = 0;
  private stream: SseStream | undefined;
  private lastId: EventId;
  private retryMs: number | undefined;
  private done: string | undefined;

  constructor(
    private readonly url: StreamUrl,
    private readonly options: ResumingClientOptions = {},
  ) {
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.lastId = options.lastEventId ?? '';
    this.running = this.run();
  }

  /** How often it has come back: responses with status 200 after the first. */
  get reconnects(): number {
    return Math.max(0, this.opened - 1);
  }

  /** What it would send as `Last-Event-ID` now. */
  get lastEventId(): EventId {
    return this.stream?.lastEventId ?? this.lastId;
  }

  /** Whether the server has told it to stop, by a 204. */
  get stopped(): boolean {
    return this.done === STOPPED;
  }

  /** Resolves when the first response's headers have come. */
  connected(): Promise<void> {
    return this.until(() => this.opened > 0);
  }

  /** Cuts the present connection abruptly and resolves when the next response's headers have come. */
  async cut(): Promise<void> {
    const before = this.opened;
    await this.stream?.abort();
    await this.until(() => this.opened > before);
  }

  /**
   * Resolves when the predicate holds; asked after each event and each change of the connection. Rejects when nothing
   * can come any more (204, a 4xx, closed), or after the timeout.
   */
  async until(predicate: (client: this) => boolean, timeoutMs = this.timeoutMs): Promise<void> {
    const probe = (): true | undefined => {
      if (predicate(this)) {
        return true;
      }
      if (this.done) {
        throw new Error(`${this.done} ${this.story()}`, { cause: this.refusals.at(-1) });
      }
      return undefined;
    };
    await this.condition.until(probe, timeoutMs, () => `Not within ${timeoutMs} ms. ${this.story()}`);
  }

  /** Ends the connection and the reconnecting, and resolves when both are over. */
  async close(): Promise<void> {
    this.done ??= 'The client is closed.';
    this.closing.abort();
    await this.stream?.abort();
    await this.running;
    this.condition.changed();
  }

  private async run(): Promise<void> {
    while (!this.done) {
      await this.connectOnce();
      this.condition.changed();
    }
  }

  private async connectOnce(): Promise<void> {
    const stream = await this.request();
    if (stream?.status === 200) {
      await this.follow(stream);
      return;
    }
    await stream?.abort();
    if (stream?.status === 204) {
      this.done ??= STOPPED;
    } else if (stream && stream.status < 500) {
      // [spec] WHATWG 9.2.3: any other status fails the connection for good.
      this.done ??= `The server answered ${stream.status}, which ends an EventSource for good.`;
    } else if (!this.done) {
      const retryMs = this.options.heedRetry ? this.retryMs : undefined;
      await this.wait(retryMs ?? this.options.backoffMs ?? 20);
    }
  }

  private async request(): Promise<SseStream | undefined> {
    const { headers } = this.options;
    try {
      return await openSse(typeof this.url === 'function' ? this.url() : this.url, {
        lastEventId: this.lastId,
        signal: this.closing.signal,
        ...(headers && { headers }),
      });
    } catch (error) {
      this.refusals.push(error);
      return undefined;
    }
  }

  private async follow(stream: SseStream): Promise<void> {
    this.stream = stream;
    this.opened += 1;
    this.condition.changed();
    let taken = 0;
    stream.watch(() => {
      for (const event of stream.received.slice(taken)) {
        taken += 1;
        this.take(event);
      }
      this.condition.changed();
    });
    await stream.ended;
    if (stream.decodeError) {
      this.done ??= stream.decodeError.message;
    }
    this.lastId = stream.lastEventId;
    this.retryMs = stream.retryMs ?? this.retryMs;
    this.stream = undefined;
    if (this.options.heedRetry && this.retryMs !== undefined) {
      await this.wait(this.retryMs);
    }
  }

  private take(event: StreamEvent): void {
    if (event.type.startsWith('sse:')) {
      this.controls.push(event);
    } else {
      this.events.push(event);
    }
    if (event.type === 'sse:gap') {
      this.takeGap(event.data);
    }
  }

  private takeGap(data: string): void {
    const gap = parsed(data);
    if (isGap(gap)) {
      this.gaps.push(gap);
    } else {
      this.done ??= `An sse:gap has to tell { reason, channels, id }, but came with ${data}`;
      this.closing.abort();
    }
  }

  private async wait(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.closing.signal });
    } catch (error) {
      // The only way a timer fails: close() has aborted it, and the loop is about to see that.
      if (!this.closing.signal.aborted) {
        throw error;
      }
    }
  }

  private story(): string {
    const last = this.events.at(-1);
    return (
      `${this.opened} connections, ${this.events.length} events, ${this.gaps.length} gaps, ` +
      `${this.refusals.length} refusals; the last event is ${last ? JSON.stringify(last) : 'none'}.`
    );
  }
}

/** The JSON value, or `undefined` if it isn't JSON. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function isGap(value: unknown): value is GapData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'reason' in value &&
    typeof value.reason === 'string' &&
    'channels' in value &&
    Array.isArray(value.channels) &&
    'id' in value &&
    typeof value.id === 'string'
  );
}

const STOPPED = 'The server answered 204: it has nothing more to send.';
