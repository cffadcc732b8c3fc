import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request for a completion, answered by hand. */
export class ChatRequest {
  /** Resolves when its client has gone before the answer's end. */
  readonly left: Promise<void>;

  constructor(
    readonly headers: IncomingMessage['headers'],
    readonly body: { readonly model: string; readonly messages: readonly { readonly content: string }[] },
    private readonly response: ServerResponse,
  ) {
    this.left = new Promise((resolve) => {
      response.on('close', () => {
        if (!response.writableEnded) {
          resolve();
        }
      });
    });
  }

  /** The question. */
  get prompt(): string | undefined {
    return this.body.messages.at(-1)?.content;
  }

  /** Streams pieces of the answer. */
  say(...pieces: readonly string[]): void {
    pieces.forEach((content) => this.chunk({ delta: { content }, finish_reason: null }));
  }

  /** Ends the answer as it should end. */
  finish(): void {
    this.chunk({ delta: {}, finish_reason: 'stop' });
    this.response.end('data: [DONE]\n\n');
  }

  /** Ends the body in the middle of the answer, as if that were all. */
  end(): void {
    this.response.end();
  }

  /** Breaks the connection. */
  breakOff(): void {
    this.response.destroy();
  }

  refuse(status: number, message: string): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message, type: 'error' } }));
  }

  private chunk(choice: object): void {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    }
    const chunk = { id: 'chat', object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] };
    this.response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
}

/** An HTTP server that speaks as much of OpenAI's API as the assistant asks for, and says what a spec tells it to say. */
export class ChatServer {
  private readonly waiting: ChatRequest[] = [];
  private readonly askers: ((request: ChatRequest) => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(): Promise<ChatServer> {
    const chat = new ChatServer(createServer());
    chat.server.listen(0, '127.0.0.1');
    await once(chat.server, 'listening');
    return chat;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** The next request, once there is one. */
  next(): Promise<ChatRequest> {
    const request = this.waiting.shift();
    return request ? Promise.resolve(request) : new Promise((resolve) => this.askers.push(resolve));
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(await text(request)) as ChatRequest['body'];
    const chat = new ChatRequest(request.headers, body, response);
    const asker = this.askers.shift();
    if (asker) {
      asker(chat);
    } else {
      this.waiting.push(chat);
    }
  }
}
