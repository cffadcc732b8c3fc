import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Framing } from '../protocol/payload.js';
import { OverListeners } from './over-listeners.js';
import type { DirectSink, OverListener, Transport } from './transport.js';

const NOTHING = Buffer.alloc(0);

/** Headers that name others, to which those that the application has named already belong. */
const FIELD_LISTS: ReadonlySet<string> = new Set(['Vary', 'Access-Control-Expose-Headers']);

/** Middleware that compresses adds this to the response; what it holds back must be pushed out after each write. */
type Flushable = ServerResponse & { flush?: () => void };

/** Where a response has its transport, so that listeners to its events need no closure each. */
const TRANSPORT = Symbol('nestcast:transport');
type Carrier = Flushable & { [TRANSPORT]?: Http1Transport };

/**
 * HTTP/1.1 and HTTP/1.0 through Node's own server. The bytes of a chunked response go straight to the socket, framed
 * once for all connections, past `ServerResponse.write`, unless
 * - a middleware has wrapped the response (its bytes are not ours to write),
 * - the response still waits behind an earlier one on its socket (pipelining),
 * - the body has no chunked framing: HTTP/1.0, or the client asked for `Connection: close`.
 */
export class Http1Transport implements Transport {
  sentBytes = 0;
  /** Why it was cut off from here, or what its response has failed with. */
  private failure: Error | undefined;
  /** The socket to write to directly; `undefined`: everything goes through the response, as before {@link framing} is asked for. */
  private socket: Socket | undefined;
  private readonly chunked: boolean;
  private readonly listeners = new OverListeners();

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: Carrier,
    /** Called before the headers are set, for a framework to give the response away. */
    private prepare?: () => void,
  ) {
    this.chunked = request.httpVersionMinor >= 1 && !asksToClose(request);
    response[TRANSPORT] = this;
    response.on('close', closed);
    response.on('error', failed);
    const { socket } = request;
    if (response.destroyed || socket.destroyed) {
      this.finish();
    } else if (!response.socket) {
      // A pipelined response that still waits for its turn is never told that its socket is gone.
      const gone = (): void => this.finish();
      // As many as there are requests waiting: nobody's leak.
      socket.setMaxListeners(0);
      socket.once('close', gone);
      this.onOver({ over: () => socket.off('close', gone) });
    }
  }

  /** Decided when it is first asked for, by then everything that wraps the response has. */
  get framing(): Framing {
    this.socket ??= this.chunked && isPlain(this.response) ? (this.response.socket ?? undefined) : undefined;
    return this.socket ? 'chunked' : 'none';
  }

  get direct(): DirectSink | undefined {
    return this.socket;
  }

  get bufferedBytes(): number {
    return this.socket ? this.socket.writableLength : this.response.writableLength;
  }

  get needsDrain(): boolean {
    return this.socket ? this.socket.writableNeedDrain : this.response.writableNeedDrain;
  }

  /**
   * Only what the socket has been given counts: what waits in the response for an earlier one is not the client's delay.
   * Whole writes that are done, less what the kernel hasn't taken of the one on its way, which may be all that waits.
   */
  get progress(): number | undefined {
    const { socket } = this.request;
    const waiting = socket.writableLength;
    return waiting === 0 ? undefined : socket.bytesWritten - waiting - queuedBytes(socket);
  }

  onOver(listener: OverListener): void {
    this.listeners.add(listener);
  }

  start(headers: Readonly<Record<string, string>>, first: Buffer): void {
    const { response, request, socket } = this;
    this.prepare?.();
    // It holds on to the request it was made in.
    this.prepare = undefined;
    response.removeHeader('Content-Length');
    if (!this.chunked) {
      // Without it Node ends the body by closing the connection, which every HTTP/1.0 proxy understands.
      response.removeHeader('Transfer-Encoding');
    }
    if (socket && response.getHeaderNames().length === 0) {
      // Where nobody has set one before, Node keeps no copy of each for as long as the stream is open.
      response.writeHead(200, headers);
    } else {
      setHeaders(response, headers);
    }
    // A stream may be quiet for longer than any idle limit set for ordinary requests.
    request.socket.setTimeout(0);
    request.socket.setNoDelay(true);
    if (socket) {
      this.sentBytes += first.length;
      // Headers and first bytes leave in one segment.
      socket.cork();
      response.flushHeaders();
      socket.write(first);
      socket.uncork();
    } else {
      this.write(first);
    }
  }

  write(bytes: Buffer): void {
    this.sentBytes += bytes.length;
    if (this.socket) {
      this.socket.write(bytes);
    } else {
      this.response.write(bytes);
      this.response.flush?.();
    }
  }

  onDrain(drained: () => void): void {
    if (this.bufferedBytes === 0 || this.response.destroyed) {
      queueMicrotask(drained);
      return;
    }
    const writable = this.socket ?? this.response;
    let called = false;
    const { socket } = this.request;
    const once = (): void => {
      writable.off('drain', once);
      writable.off('close', once);
      socket.off('close', once);
      if (!called) {
        called = true;
        drained();
      }
    };
    writable.on('drain', once);
    writable.on('close', once);
    // A pipelined response that still waits for its turn is never told that its socket is gone.
    socket.on('close', once);
    if (!this.needsDrain) {
      // No `drain` comes below the high-water mark; the end of a write behind all others does.
      (this.response.socket ?? this.response).write(NOTHING, once);
    }
  }

  end(last: Buffer): void {
    // In one segment with the end, which uncorks: a drain is a write for each of thousands.
    this.socket?.cork();
    if (last.length > 0) {
      this.write(last);
    }
    // Node believes that nothing has been written yet and adds the last chunk, which ends our own chunks as well.
    this.response.end();
    this.socket?.uncork();
  }

  destroy(error?: Error): void {
    this.failure ??= error;
    this.request.socket.destroy();
  }

  reset(): void {
    const { socket } = this.request;
    // A socket that is closed in an orderly way leaves what the kernel holds there until it gives up, for minutes.
    if (isTcp(socket)) {
      socket.resetAndDestroy();
    } else {
      socket.destroy();
    }
  }

  keepAlive(initialDelayMs: number): void {
    if (initialDelayMs > 0) {
      this.request.socket.setKeepAlive(true, initialDelayMs);
    }
  }

  /** The response is over. @internal */
  finish(): void {
    this.listeners.settle(this.failure);
  }

  /** The response has failed, and will be over. @internal */
  fail(error: Error): void {
    this.failure ??= error;
  }
}

/** The kernel's side of a socket, as far as Node shows it: the same figure by which its own socket timeout sees progress. */
interface SocketHandle {
  readonly writeQueueSize?: number;
  /** TLS: the handle of the socket below, whose bytes are the encrypted ones. */
  readonly _parent?: SocketHandle;
}

function queuedBytes(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: SocketHandle | null };
  const { _parent: below = handle } = handle ?? {};
  return below?.writeQueueSize ?? 0;
}

/** TLS and Unix sockets can't be reset. */
function isTcp(socket: Socket): boolean {
  return !('encrypted' in socket) && socket.remoteFamily !== undefined;
}

function closed(this: Carrier): void {
  this[TRANSPORT]?.finish();
}

function failed(this: Carrier, error: Error): void {
  this[TRANSPORT]?.fail(error);
}

/**
 * Answers a request with the headers of a stream and all of its body: none for HEAD, or a stream that is over before it
 * has begun.
 */
export function answerAtOnce(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  body = '',
): void {
  response.removeHeader('Content-Length');
  setHeaders(response, headers);
  response.end(body);
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.statusCode = 200;
  for (const name of Object.keys(headers)) {
    const value = headers[name] as string;
    response.setHeader(
      name,
      FIELD_LISTS.has(name) ? withField(response.getHeader(name), value, name) : value,
    );
  }
}

function asksToClose(request: IncomingMessage): boolean {
  return /(?:^|,)\s*close\s*(?:,|$)/i.test(request.headers.connection ?? '');
}

/** Whether the response's bytes reach its socket just as they are written, and at once. */
function isPlain(response: ServerResponse): boolean {
  return (
    response.write === ServerResponse.prototype.write &&
    response.end === ServerResponse.prototype.end &&
    !response.hasHeader('Content-Encoding') &&
    response.socket !== null
  );
}

/** Adds the name of a header to those that a header lists. */
function withField(
  present: number | string | readonly string[] | undefined,
  field: string,
  list: string,
): string {
  const fields = [present ?? []].flat().join(', ');
  const names = new Set(fields.split(',').map((name) => name.trim().toLowerCase()));
  // What exposes all headers doesn't in a request with credentials.
  const has = names.has(field.toLowerCase()) || (list === 'Vary' && names.has('*'));
  return has ? fields : [fields, field].filter(Boolean).join(', ');
}
