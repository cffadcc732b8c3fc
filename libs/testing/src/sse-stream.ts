import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { Condition } from './condition.js';
import { type Frame, FrameSplitter } from './frame.js';
import { ResponseBody, type StreamEnd } from './response-body.js';

/** An event as a client dispatches it. */
export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
  /** The last event id at that time, the event's own included; empty if there was none yet. */
  readonly id: string;
  /** When its blank line was read: `performance.now()`. */
  readonly receivedAt: number;
}

export interface WaitOptions {
  /** Overrides the stream's own. `Infinity` waits until the stream ends. */
  readonly timeoutMs?: number;
}

export interface NextOptions extends WaitOptions {
  /** Also return control events (`sse:…`), which are skipped by default. */
  readonly control?: boolean;
}

/**
 * An open response, read as it comes. Events, frames and each type of control event are read independently of each
 * other, each from the stream's beginning: reading the one takes nothing away from the other.
 */
export class SseStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  /** All events so far, control events included, whether read or not. */
  readonly received: StreamEvent[] = [];
  /** All frames so far, whether read or not. */
  readonly frames: Frame[] = [];
  /** Settles when the response has closed and all of it is decoded; never rejects. */
  readonly ended: Promise<StreamEnd>;

  private readonly condition = new Condition();
  private readonly parser: EventSourceParser;
  private readonly splitter = new FrameSplitter();
  private readonly content: ResponseBody;
  /** Kept, because a response that is over has let it go. */
  private readonly socket: Socket;
  private readonly watchers: (() => void)[] = [];
  private readonly socketClosed: Promise<void>;
  private readonly timeoutMs: number;
  private readonly controlsRead = new Map<string, number>();
  private eventsRead = 0;
  private framesRead = 0;
  private lastId: string;
  private lastRetryMs: number | undefined;

  /** @internal Made by `openSse()`. */
  constructor(
    private readonly response: IncomingMessage,
    options: { readonly lastEventId: string; readonly timeoutMs: number },
  ) {
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.rawHeaders = response.rawHeaders;
    this.httpVersion = response.httpVersion;
    this.timeoutMs = options.timeoutMs;
    this.lastId = options.lastEventId;
    this.parser = createParser({
      onEvent: ({ event, data }) => {
        const type = event ?? 'message';
        this.received.push({ type, data, id: this.lastId, receivedAt: performance.now() });
      },
      onRetry: (retryMs) => {
        this.lastRetryMs = retryMs;
      },
    });
    this.socket = response.socket;
    this.content = new ResponseBody(response, (piece) => this.feed(piece));
    this.ended = this.content.ended;
    this.socketClosed = new Promise((resolve) => {
      this.socket.once('close', () => resolve());
    });
  }

  /** [spec] WHATWG "last event ID string": what an EventSource would send when it reconnects now. */
  get lastEventId(): string {
    return this.lastId;
  }

  /** [spec] WHATWG "reconnection time": the last that the stream has told, in milliseconds. */
  get retryMs(): number | undefined {
    return this.lastRetryMs;
  }

  /** Why the body could not be decoded, if so; its connection has been dropped then. */
  get decodeError(): Error | undefined {
    return this.content.decodeError;
  }

  /** Calls `watcher` now, and whenever more has been read or the stream has ended. */
  watch(watcher: () => void): void {
    this.watchers.push(watcher);
    watcher();
  }

  /** The next event; control events are skipped unless asked for. Rejects when the stream has ended. */
  next({ control = false, timeoutMs = this.timeoutMs }: NextOptions = {}): Promise<StreamEvent> {
    return this.arrival('event', timeoutMs, () => this.readEvent(control));
  }

  /** The next `count` events. */
  async take(count: number, options: NextOptions = {}): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    while (events.length < count) {
      events.push(await this.next(options));
    }
    return events;
  }

  /** The next frame: every block of the stream up to its blank line, comments and lone ids included. */
  nextFrame({ timeoutMs = this.timeoutMs }: WaitOptions = {}): Promise<Frame> {
    return this.arrival('frame', timeoutMs, () => {
      const frame = this.frames[this.framesRead];
      this.framesRead += frame ? 1 : 0;
      return frame;
    });
  }

  /** The parsed data of the next control event of this type. */
  async control(type: string, { timeoutMs = this.timeoutMs }: WaitOptions = {}): Promise<unknown> {
    const event = await this.arrival(`"${type}"`, timeoutMs, () => {
      const from = this.controlsRead.get(type) ?? 0;
      const index = this.received.findIndex((each, at) => at >= from && each.type === type);
      this.controlsRead.set(type, index === -1 ? this.received.length : index + 1);
      return this.received[index];
    });
    return parseJson(event);
  }

  /** The connection's id, as `sse:connected` tells it. */
  async connectionId({ timeoutMs = this.timeoutMs }: WaitOptions = {}): Promise<string> {
    const event = await this.arrival('"sse:connected"', timeoutMs, () =>
      this.received.find(({ type }) => type === 'sse:connected'),
    );
    const data = parseJson(event);
    if (typeof data !== 'object' || data === null || !('connectionId' in data)) {
      throw new Error(`sse:connected has no connectionId: ${event.data}`);
    }
    return String(data.connectionId);
  }

  /** The whole decoded body, once it is there; for responses that aren't streams. Rejects if it was cut. */
  async body({ timeoutMs = this.timeoutMs }: WaitOptions = {}): Promise<string> {
    const outcome = await this.condition.until(
      () => this.endOrFailure(),
      timeoutMs,
      () => `The body has not ended within ${timeoutMs} ms. ${this.story()}`,
    );
    if (outcome === 'aborted') {
      throw new Error(`The body was cut. ${this.story()}`, { cause: this.content.transportError });
    }
    return this.content.text();
  }

  /** The body so far, without its transfer encoding, but with its content encoding. */
  rawBytes(): Buffer {
    return this.content.bytes();
  }

  /** Stops reading from the socket, as a stalled client does; the buffers of both systems fill up. */
  pause(): void {
    this.response.pause();
    this.socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.socket.resume();
    this.response.resume();
  }

  /**
   * Drops the connection without a word, as a client that dies does, and resolves when it is closed; `reset` sends a
   * TCP reset instead of a FIN. Does nothing to a stream that has ended.
   */
  async abort({ reset = false }: { readonly reset?: boolean } = {}): Promise<void> {
    if (reset) {
      this.socket.resetAndDestroy();
    }
    this.response.destroy();
    this.socket.destroy();
    await Promise.all([this.ended, this.socketClosed]);
  }

  private feed(piece: string): void {
    for (const frame of this.splitter.push(piece)) {
      this.frames.push(frame);
      // [spec] WHATWG 9.2.6: the id counts from the dispatch on, also that of a frame which dispatches no event.
      this.lastId = idOf(frame) ?? this.lastId;
      this.parser.feed(frame.text);
    }
    this.condition.changed();
    this.watchers.forEach((watcher) => watcher());
  }

  private readEvent(control: boolean): StreamEvent | undefined {
    for (let event = this.received[this.eventsRead]; event; event = this.received[this.eventsRead]) {
      this.eventsRead += 1;
      if (control || !event.type.startsWith('sse:')) {
        return event;
      }
    }
    return undefined;
  }

  /** Waits for what `read` finds; rejects once it can't come any more. */
  private arrival<T>(what: string, timeoutMs: number, read: () => T | undefined): Promise<T> {
    const probe = (): T | undefined => {
      const found = read();
      if (found === undefined && this.endOrFailure()) {
        throw new Error(`The stream ended without another ${what}. ${this.story()}`, {
          cause: this.content.transportError,
        });
      }
      return found;
    };
    const late = (): string => `No ${what} within ${timeoutMs} ms. ${this.story()}`;
    return this.condition.until(probe, timeoutMs, late);
  }

  private endOrFailure(): StreamEnd | undefined {
    if (this.content.decodeError) {
      throw this.content.decodeError;
    }
    return this.content.outcome;
  }

  /** What has come so far, for the messages of errors. */
  private story(): string {
    const last = this.frames.at(-1)?.text;
    const { rest } = this.splitter;
    return [
      `Status ${this.status}, ${this.content.outcome ?? 'open'}`,
      `${this.received.length} events and ${this.frames.length} frames received`,
      ...(last === undefined ? [] : [`the last frame is ${excerpt(last)}`]),
      ...(rest === '' ? [] : [`after it comes the unfinished ${excerpt(rest)}`]),
    ].join(', ');
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}

function parseJson(event: StreamEvent): unknown {
  try {
    return JSON.parse(event.data);
  } catch (cause) {
    throw new Error(`The data of "${event.type}" is not JSON: ${excerpt(event.data)}`, { cause });
  }
}

/** The id that a frame sets: its last one without NUL. */
function idOf(frame: Frame): string | undefined {
  return frame.fields.findLast(({ name, value }) => name === 'id' && !value.includes('\0'))?.value;
}
