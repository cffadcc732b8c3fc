import { MARK_BYTE, MARK_LENGTH, numberAt, timeAt } from '../mark.js';
import type { Latencies } from './latencies.js';

const END_OF_HEADERS = '\r\n\r\n';
const GAP = 'event: sse:gap\n';

/** What the readers of a run have in common. */
export interface ReaderContext {
  readonly latencies: Latencies;
  /** CLOCK_MONOTONIC of this turn of the event loop, in microseconds. */
  readonly now: () => number;
  /** A reader has its headers and its first bytes, or as much as its server gives before an event. */
  readonly opened: () => void;
  /** A reader has got one event more. */
  readonly counted: (reader: Reader) => void;
  /** Something is not as it should be: the whole run is worth nothing. */
  readonly failed: (error: Error) => void;
}

/**
 * Counts the events of one connection by their marks alone, and holds that each comes exactly once and in order. One that
 * is `watched` reads whole frames, because it may be told a gap.
 */
export class Reader {
  /** The last event's number. */
  count = 0;
  /** Bytes since the connection was opened, headers included. */
  bytes = 0;
  opened = false;
  /** What had been read when the opening was over. */
  openingBytes = 0;
  watched = false;
  gaps = 0;
  /** The first event after the last gap; 0: there was none. */
  resumedAt = 0;
  private carried: Buffer | undefined;
  private afterGap = false;

  constructor(
    readonly index: number,
    private readonly context: ReaderContext,
    /** Takes the body, where it must be decoded first. */
    private readonly decode?: (body: Buffer) => void,
  ) {}

  /** Bytes since the opening was over; what comes before it differs by a connection's own id. */
  get bodyBytes(): number {
    return this.bytes - this.openingBytes;
  }

  /** @param bytes only valid during the call */
  read(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (!this.opened) {
      this.readHeaders(this.withCarried(bytes));
    } else if (this.decode) {
      this.decode(bytes);
    } else {
      this.readBody(bytes);
    }
  }

  /** @param fresh the body, decoded; only valid during the call */
  readBody(fresh: Buffer): void {
    const bytes = this.withCarried(fresh);
    if (this.watched) {
      this.readFrames(bytes);
      return;
    }
    let at = bytes.indexOf(MARK_BYTE);
    while (at !== -1) {
      if (at + MARK_LENGTH >= bytes.length) {
        this.carried = Buffer.from(bytes.subarray(at));
        return;
      }
      this.readMark(bytes, at);
      at = bytes.indexOf(MARK_BYTE, at + MARK_LENGTH);
    }
  }

  private withCarried(bytes: Buffer): Buffer {
    const whole = this.carried ? Buffer.concat([this.carried, bytes]) : bytes;
    this.carried = undefined;
    return whole;
  }

  private readHeaders(bytes: Buffer): void {
    const end = bytes.indexOf(END_OF_HEADERS);
    if (end === -1) {
      this.carried = Buffer.from(bytes);
      return;
    }
    const headers = bytes.toString('latin1', 0, end);
    if (!headers.startsWith('HTTP/1.1 200')) {
      this.context.failed(new Error(`connection ${this.index} was answered: ${headers}`));
      return;
    }
    this.opened = true;
    this.context.opened();
    const body = bytes.subarray(end + END_OF_HEADERS.length);
    if (this.decode) {
      this.decode(body);
    } else {
      this.readBody(body);
    }
  }

  private readFrames(bytes: Buffer): void {
    const end = bytes.lastIndexOf('\n\n') + 2;
    if (end === 1) {
      this.carried = Buffer.from(bytes);
      return;
    }
    if (end < bytes.length) {
      this.carried = Buffer.from(bytes.subarray(end));
    }
    const frames = bytes.subarray(0, end);
    let gap = frames.indexOf(GAP);
    let at = frames.indexOf(MARK_BYTE);
    while (at !== -1 || gap !== -1) {
      if (gap !== -1 && (at === -1 || gap < at)) {
        this.gaps += 1;
        this.afterGap = true;
        gap = frames.indexOf(GAP, gap + GAP.length);
      } else {
        this.readMark(frames, at);
        at = frames.indexOf(MARK_BYTE, at + MARK_LENGTH);
      }
    }
  }

  private readMark(bytes: Buffer, at: number): void {
    const number = numberAt(bytes, at);
    const expected = this.count + 1;
    if (this.afterGap && number > expected) {
      this.resumedAt = number;
    } else if (number !== expected) {
      this.context.failed(
        new Error(`connection ${this.index} got event ${number} where ${expected} was to come`),
      );
      return;
    }
    this.afterGap = false;
    this.count = number;
    if (!this.watched) {
      this.context.latencies.add(this.context.now() - timeAt(bytes, at));
    }
    this.context.counted(this);
  }
}
