import type { Framing } from '../protocol/payload.js';
import { OverListeners } from '../transport/over-listeners.js';
import type { OverListener, Transport } from '../transport/transport.js';

/** A response without a socket: keeps what is written, and its client reads at once or when the spec says so. */
export class MemoryTransport implements Transport {
  /** The buffers as they were given, one for each write. */
  readonly writes: Buffer[] = [];
  headers: Readonly<Record<string, string>> | undefined;
  bufferedBytes = 0;
  sentBytes = 0;
  ended = false;
  destroyed = false;

  private reading = true;
  private waiting: (() => void)[] = [];
  private readonly listeners = new OverListeners();

  constructor(
    readonly framing: Framing = 'none',
    private readonly highWaterMark = 16_384,
  ) {}

  onOver(listener: OverListener): void {
    this.listeners.add(listener);
  }

  get needsDrain(): boolean {
    return this.bufferedBytes >= this.highWaterMark;
  }

  get progress(): number | undefined {
    return this.bufferedBytes === 0 ? undefined : this.sentBytes - this.bufferedBytes;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }

  get text(): string {
    return this.bytes.toString();
  }

  start(headers: Readonly<Record<string, string>>, first: Buffer): void {
    if (this.headers) {
      throw new Error('A response starts once.');
    }
    this.headers = headers;
    this.write(first);
  }

  write(bytes: Buffer): void {
    if (!this.headers || this.ended) {
      throw new Error('A response is written to between its start and its end.');
    }
    this.writes.push(bytes);
    this.bufferedBytes += bytes.length;
    this.sentBytes += bytes.length;
    this.flush();
  }

  onDrain(drained: () => void): void {
    if (this.bufferedBytes === 0 || this.destroyed) {
      queueMicrotask(drained);
    } else {
      this.waiting.push(drained);
    }
  }

  end(last: Buffer): void {
    this.write(last);
    this.ended = true;
    this.flush();
  }

  destroy(error?: Error): void {
    this.hangUp(error);
  }

  reset(): void {
    this.hangUp();
  }

  /** The client reads this much of what waits. */
  read(bytes: number): void {
    this.bufferedBytes -= bytes;
  }

  /** The client stops reading. */
  stall(): void {
    this.reading = false;
  }

  /** The client reads all there is, and goes on reading. */
  resume(): void {
    this.reading = true;
    this.flush();
  }

  /** The client goes away, or its socket fails. */
  hangUp(error?: Error): void {
    this.destroyed = true;
    this.release();
    this.listeners.settle(error);
  }

  private flush(): void {
    if (this.reading) {
      this.bufferedBytes = 0;
      this.release();
      if (this.ended) {
        this.listeners.settle(undefined);
      }
    }
  }

  private release(): void {
    for (const drained of this.waiting.splice(0)) {
      queueMicrotask(drained);
    }
  }
}
