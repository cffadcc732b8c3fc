import { type Socket, connect } from 'node:net';
import { createGunzip } from 'node:zlib';

import { nowUs } from '../mark.js';
import { ChunkedBody } from './chunked-body.js';
import { Latencies } from './latencies.js';
import { Reader, type ReaderContext } from './reader.js';

/** How connections are opened. */
export interface OpenPlan {
  /** Of the server's nodes; connections are spread over them evenly. */
  readonly ports: readonly number[];
  readonly count: number;
  /** `{n}` in it becomes the connection's number. */
  readonly path: string;
  readonly gzip?: boolean;
  /** How many are on their way at once. Default 64. */
  readonly concurrency?: number;
}

/** Compressed connections of which every byte is decoded; the others must have got as many bytes as these. */
const DECODED = 8;
/** How long nothing may come before what is missing counts as lost. */
const NOTHING_COMES_MS = 10_000;
/** What all sockets read into: each read is over before the next begins. */
const shared = Buffer.alloc(256 * 1_024);

/** The connections of a run, on raw sockets. */
export class Streams {
  readonly readers: Reader[] = [];
  readonly latencies = new Latencies();
  private readonly sockets: Socket[] = [];
  private readonly waiting: (() => void)[] = [];
  private failure: Error | undefined;
  private target = Infinity;
  private missing = 0;
  /** Of all connections, ever. */
  private eventCount = 0;
  private now = 0;
  private comparing = false;
  private compressed = false;
  private opened: () => void = () => undefined;
  private readonly context: ReaderContext = {
    latencies: this.latencies,
    now: () => this.now,
    opened: () => this.opened(),
    counted: (reader) => this.counted(reader),
    failed: (error) => this.fail(error),
  };

  /** @throws Error if a connection is refused or answered with anything but 200 */
  async open(plan: OpenPlan): Promise<void> {
    this.compressed = plan.gzip ?? false;
    await new Promise<void>((resolve) => {
      let open = 0;
      let begun = 0;
      const next = (): void => {
        if (begun < plan.count) {
          this.begin(plan, begun);
          begun += 1;
        }
      };
      this.waiting.push(resolve);
      this.opened = (): void => {
        open += 1;
        if (open === plan.count) {
          resolve();
        }
        next();
      };
      for (let i = 0; i < (plan.concurrency ?? 64); i += 1) {
        next();
      }
    });
    this.waiting.length = 0;
    this.assertWell();
  }

  /**
   * Resolves when every connection that reads has got every event up to this number.
   *
   * @throws Error if one has got an event twice, in a wrong order, or not at all
   */
  async until(target: number): Promise<void> {
    this.target = target;
    this.missing = this.readers.filter((reader) => !reader.watched && reader.count < target).length;
    await this.received();
  }

  /** What has come until now was the opening. */
  mark(): void {
    for (const reader of this.readers) {
      reader.openingBytes = reader.bytes;
    }
  }

  /** Stops to read on every n-th connection. @returns how many these are */
  stall(everyNth: number): number {
    const stalled = this.readers.filter((_, index) => index % everyNth === 0);
    for (const reader of stalled) {
      reader.watched = true;
      this.sockets[reader.index]?.pause();
    }
    return stalled.length;
  }

  /**
   * Lets the stalled read again, until each has got the last event.
   *
   * @throws Error as {@link until}, or if one was told nothing of what it has missed
   */
  async resume(last: number): Promise<Reader[]> {
    const stalled = this.readers.filter((reader) => reader.watched);
    this.target = last;
    this.missing = stalled.filter((reader) => reader.count < last).length;
    for (const reader of stalled) {
      this.sockets[reader.index]?.resume();
    }
    await this.received();
    return stalled;
  }

  /** Cuts all connections off, with a reset: it leaves no TIME_WAIT behind, of which there would soon be too many. */
  close(): void {
    for (const socket of this.sockets.splice(0)) {
      socket.resetAndDestroy();
    }
    this.readers.length = 0;
    this.latencies.clear();
  }

  /** @throws Error if anything has gone wrong, or, once all is read, compressed connections got different numbers of bytes */
  async verify(): Promise<void> {
    // Nothing may follow the last event; what is too much would be on its way by now.
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.assertWell();
    const odd =
      this.compressed && this.readers.find((reader) => reader.bodyBytes !== this.readers[0]?.bodyBytes);
    if (odd) {
      throw new Error(
        `connection ${odd.index} got ${odd.bodyBytes} bytes, not ${this.readers[0]?.bodyBytes}`,
      );
    }
  }

  private assertWell(): void {
    if (this.failure) {
      throw this.failure;
    }
  }

  private async received(): Promise<void> {
    if (this.missing > 0 && !this.failure) {
      let before = this.eventCount;
      const watchdog = setInterval(() => {
        if (this.eventCount === before) {
          this.fail(new Error(`${this.missing} connections wait in vain for event ${this.target}`));
        }
        before = this.eventCount;
      }, NOTHING_COMES_MS);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      clearInterval(watchdog);
    }
    this.assertWell();
  }

  private begin(plan: OpenPlan, index: number): void {
    const reader = plan.gzip ? this.compressedReader(index) : new Reader(index, this.context);
    this.readers.push(reader);
    const socket = connect({
      port: plan.ports[index % plan.ports.length] as number,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.now = nowUs();
          reader.read(shared.subarray(0, length));
          return true;
        },
      },
    });
    this.sockets.push(socket);
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.fail(new Error(`connection ${index} was ended by the server`)));
    socket.write(request(plan, index));
  }

  /** Some are decoded, the others count as far as these have come once they have got as many bytes. */
  private compressedReader(index: number): Reader {
    if (index >= DECODED) {
      return new Reader(index, this.context, () => this.compare());
    }
    const gunzip = createGunzip();
    gunzip.on('error', (error) => this.fail(error));
    gunzip.on('data', (text: Buffer) => {
      this.now = nowUs();
      reader.readBody(text);
      this.compare();
    });
    const body = new ChunkedBody((bytes) => gunzip.write(Buffer.from(bytes)));
    const reader = new Reader(index, this.context, (bytes) => body.push(bytes));
    return reader;
  }

  private compare(): void {
    if (!this.comparing) {
      this.comparing = true;
      setImmediate(() => {
        this.comparing = false;
        this.compareNow();
      });
    }
  }

  private compareNow(): void {
    const decoded = this.readers.slice(0, DECODED);
    const count = Math.min(...decoded.map((reader) => reader.count));
    if (count < this.target) {
      return;
    }
    const bytes = Math.max(...decoded.map((reader) => reader.bodyBytes));
    for (const reader of this.readers.slice(DECODED)) {
      if (reader.count < count && reader.bodyBytes >= bytes) {
        reader.count = count;
        this.counted(reader);
      }
    }
  }

  private counted(reader: Reader): void {
    this.eventCount += 1;
    if (reader.count === this.target) {
      this.missing -= 1;
      if (this.missing === 0) {
        this.wake();
      }
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  private wake(): void {
    this.waiting.splice(0).forEach((resolve) => resolve());
  }
}

function request(plan: OpenPlan, index: number): string {
  return [
    `GET ${plan.path.replace('{n}', String(index))} HTTP/1.1`,
    'Host: bench',
    'Accept: text/event-stream',
    `Accept-Encoding: ${plan.gzip ? 'gzip' : 'identity'}`,
    'Cache-Control: no-cache',
    `X-User: user-${index}`,
    '\r\n',
  ].join('\r\n');
}
