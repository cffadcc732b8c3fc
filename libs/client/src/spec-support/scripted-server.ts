import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a server does with one request. By default 200 and an event stream, which ends after its body. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `cut`: the connection breaks; `stay`: nothing more comes. */
  readonly ending?: 'end' | 'cut' | 'stay';
  /** In place of all that. */
  readonly play?: (response: ServerResponse) => void;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly response: ServerResponse;
}

/** A server on a port of its own that plays a list of answers, the last one again and again. */
export class ScriptedServer {
  readonly requests: Request[] = [];
  private readonly waiting: (() => void)[] = [];
  private server!: Server;

  private constructor(private readonly answers: readonly Answer[]) {}

  static async start(...answers: readonly Answer[]): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(answers);
    await scripted.listen(0);
    return scripted;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The nth request, once it has come; the first is 1. */
  async request(number: number): Promise<Request> {
    for (;;) {
      const request = this.requests[number - 1];
      if (request) {
        return request;
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Resolves once its client has let go of an answer. */
  async left(number: number): Promise<void> {
    const { response } = await this.request(number);
    if (!response.closed) {
      await new Promise((resolve) => response.once('close', resolve));
    }
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  /** Takes no requests, until it listens again. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  async listen(port: number): Promise<void> {
    this.server = createServer((request, response) => void this.take(request, response));
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const body = await text(request);
    this.requests.push({ method, url, headers, body, response });
    answer(response, this.answers[this.requests.length - 1] ?? this.answers.at(-1) ?? {});
    this.waiting.splice(0).forEach((wake) => wake());
  }
}

function answer(
  response: ServerResponse,
  { status = 200, headers, body = '', ending = 'end', play }: Answer,
): void {
  if (play) {
    play(response);
    return;
  }
  response.writeHead(status, { 'Content-Type': 'text/event-stream', ...headers });
  if (ending === 'end') {
    response.end(body);
    return;
  }
  response.flushHeaders();
  response.write(body, () => {
    if (ending === 'cut') {
      response.destroy();
    }
  });
}
