import { connect, type Socket } from 'node:net';
import { Condition, DEFAULT_TIMEOUT_MS } from './condition.js';

export interface RawRequestOptions {
  readonly port: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** What is written once connected, to the letter; mind the CRLFs. */
  readonly text: string;
}

/** Opens a TCP connection and writes a request exactly as given: HTTP/1.0, pipelining, HEAD, broken ones. */
export function rawRequest(options: RawRequestOptions): RawExchange {
  const socket = connect({ port: options.port, host: options.host ?? '127.0.0.1' });
  socket.write(options.text, 'latin1');
  return new RawExchange(socket);
}

/** What comes back on the wire, byte by byte. */
export class RawExchange {
  /** Settles when the socket has closed, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  /** What the socket reported, if it failed. */
  error: Error | undefined;

  private readonly chunks: Buffer[] = [];
  private readonly condition = new Condition();

  /** @internal Made by `rawRequest()`. */
  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.chunks.push(chunk);
      this.condition.changed();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.condition.changed();
        resolve();
      });
    });
  }

  /** All bytes so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** {@link bytes} as latin1: one character a byte. */
  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Writes more on the same connection. */
  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /**
   * Resolves with {@link text} once it contains the string, or satisfies the predicate. Rejects when the socket has
   * closed before, or after `timeoutMs` (default 4,000).
   */
  readUntil(wanted: string | ((text: string) => boolean), timeoutMs = DEFAULT_TIMEOUT_MS): Promise<string> {
    const satisfied = typeof wanted === 'string' ? (text: string) => text.includes(wanted) : wanted;
    const what = typeof wanted === 'string' ? JSON.stringify(wanted) : 'what was waited for';
    const probe = (): string | undefined => {
      const { text } = this;
      if (satisfied(text)) {
        return text;
      }
      if (this.socket.closed) {
        throw new Error(`The socket closed before ${what} came. Received: ${JSON.stringify(text)}`, {
          cause: this.error,
        });
      }
      return undefined;
    };
    const late = (): string =>
      `${what} has not come within ${timeoutMs} ms. Received: ${JSON.stringify(this.text)}`;
    return this.condition.until(probe, timeoutMs, late);
  }

  /** Drops the connection. */
  destroy(): void {
    this.socket.destroy();
  }
}
