import type { Framing } from '../protocol/payload.js';

/** Is told that a response is over; an object and not a function, since every open connection has one for its whole life. */
export interface OverListener {
  /** Called once: the response is ended and flushed, or its socket is gone; with the error, if it failed. */
  over(error: Error | undefined): void;
}

/** Where bytes can go past their {@link Transport}. */
export interface DirectSink {
  write(bytes: Buffer): unknown;
  /** Bytes that wait in this process for the client to read. */
  readonly writableLength: number;
}

/** One open response, as the delivery sees it. Written to by one connection only. */
export interface Transport {
  /**
   * From {@link start} on, where {@link write} would do nothing but hand the bytes on: a delivery to thousands is spared
   * the look at one more object for each.
   */
  readonly direct?: DirectSink | undefined;
  /** Settled when it is first asked for, right before {@link start}; bytes given to {@link write} must be framed so. */
  readonly framing: Framing;
  /** Bytes that wait in this process for the client to read. */
  readonly bufferedBytes: number;
  /**
   * Bytes of the body that have been given to it, framing and coding included, but not what Node adds. What goes to
   * {@link direct} is for the one who writes it to count.
   */
  readonly sentBytes: number;
  /** Whether the last {@link write} asked to wait for {@link onDrain}. */
  readonly needsDrain: boolean;
  /**
   * A figure that differs from an earlier one if the client's socket has taken anything in between; `undefined` while
   * nothing waits for it to.
   */
  readonly progress: number | undefined;

  /** Tells `listener` when the response is over; in a microtask if it is already. */
  onOver(listener: OverListener): void;

  /** Sends status 200, these headers beside those already set on the response, and the first bytes with them. */
  start(headers: Readonly<Record<string, string>>, first: Buffer): void;

  write(bytes: Buffer): void;

  /** Calls `drained` once: when everything written so far has left this process, or when the response is over. */
  onDrain(drained: () => void): void;

  /** Ends the response with these bytes. It is over when they are flushed. */
  end(last: Buffer): void;

  /** Cuts the response off; over with this error, if one is given. */
  destroy(error?: Error): void;

  /** Cuts it off with all that waits for the client, in the operating system as well. */
  reset(): void;

  /**
   * Has the operating system probe a quiet client, first after this many milliseconds; 0: not at all. It stays so for the requests that
   * may follow on the same socket. A transport without a socket of its own has none of it.
   */
  keepAlive?(initialDelayMs: number): void;
}

/** Resolves when the response is over. */
export function whenOver(transport: Transport): Promise<Error | undefined> {
  return new Promise((resolve) => transport.onOver({ over: resolve }));
}
