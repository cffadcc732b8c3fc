import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** A proxy that hands on an answer only once it is complete, as some do: nothing can be streamed through it. */
export class BufferingProxy {
  buffers = true;
  private readonly server: Server;

  private constructor(private readonly target: number) {
    this.server = createServer((incoming, response) => this.pass(incoming, response));
  }

  static async to(port: number): Promise<BufferingProxy> {
    const proxy = new BufferingProxy(port);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private pass(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port: this.target, method, path: url, headers });
    // Who goes on one side goes on the other.
    response.once('close', () => outgoing.destroy());
    outgoing.once('error', () => response.destroy());
    outgoing.once('response', (answer) => {
      this.answer(answer, response).catch(() => response.destroy());
    });
    incoming.pipe(outgoing);
  }

  private async answer(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const { statusCode = 502, headers } = answer;
    if (this.buffers) {
      const body = await buffer(answer);
      response.writeHead(statusCode, headers).end(body);
    } else {
      response.writeHead(statusCode, headers).flushHeaders();
      await pipeline(answer, response);
    }
  }
}
