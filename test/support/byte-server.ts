import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered to a request, byte by byte. */
export interface Answer {
  /** Default 200. */
  readonly status?: number;
  /** Default: those of an event stream. */
  readonly headers?: Record<string, string | string[]>;
  /** Default: none. */
  readonly body?: string | Uint8Array;
  /** It doesn't end, and nothing more comes; default false. */
  readonly open?: boolean;
}

export const EVENT_STREAM = { 'Content-Type': 'text/event-stream' };

/**
 * Answers the requests to a path with what is laid down for it, one after the other, and any more with 204. One to
 * `<path>/cut` cuts off the last one to it.
 */
export class ByteServer {
  private readonly answers = new Map<string, Answer[]>();
  private readonly last = new Map<string, ServerResponse>();
  private readonly seen = new Map<string, IncomingMessage[]>();

  private constructor(
    /** Without a slash at the end. */
    readonly url: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.answer(request, response),
    );
  }

  static async start(): Promise<ByteServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ByteServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
  }

  play(path: string, answers: readonly Answer[]): void {
    this.answers.set(path, [...answers]);
  }

  /** Those to a path, in the order they came. */
  requests(path: string): readonly IncomingMessage[] {
    return this.seen.get(path) ?? [];
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    if (path.endsWith('/cut')) {
      this.last.get(path.slice(0, -'/cut'.length))?.destroy();
    }
    this.seen.set(path, [...this.requests(path), request]);
    this.last.set(path, response);
    const {
      status = 200,
      headers = EVENT_STREAM,
      body = '',
      open = false,
    } = this.answers.get(path)?.shift() ?? {
      status: 204,
      headers: { 'Access-Control-Allow-Origin': request.headers.origin ?? '*' },
    };
    response.writeHead(status, headers);
    response.flushHeaders();
    response.write(body);
    if (!open) {
      response.end();
    }
  }
}
