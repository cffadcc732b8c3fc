import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProxyServer } from 'httpxy';

/** Where requests are passed on to. */
export interface Target {
  readonly name: string;
  readonly url: URL;
}

/** Told of each stream that is passed on. */
export type StreamListener = (target: Target) => void;

/**
 * One port in front of several nodes: in turn, and streams in a turn of their own, so that two windows are served by two nodes.
 * What comes from a node goes on at once, unbuffered, and a node that doesn't answer is passed over.
 */
export class LocalProxy {
  private readonly server: Server;
  private readonly proxy = createProxyServer({ xfwd: true });
  private readonly turns = { stream: 0, other: 0 };

  private constructor(
    private readonly targets: Target[],
    private readonly onStream: StreamListener,
  ) {
    this.server = createServer((request, response) => void this.pass(request, response));
  }

  /** @param port 0: a free one */
  static async start(
    targets: readonly Target[],
    port: number,
    onStream: StreamListener,
  ): Promise<LocalProxy> {
    const proxy = new LocalProxy([...targets], onStream);
    proxy.server.listen(port, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Takes a node out that has ended. */
  remove(name: string): void {
    const index = this.targets.findIndex((target) => target.name === name);
    if (index !== -1) {
      this.targets.splice(index, 1);
    }
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stream = request.headers.accept === 'text/event-stream';
    const turn = this.turns[stream ? 'stream' : 'other']++;
    const { length } = this.targets;
    const inTurn = this.targets.map((_, index) => this.targets[(turn + index) % length] as Target);
    // What has a body is sent once: part of it may be on its way.
    const tries = request.method === 'GET' ? inTurn : inTurn.slice(0, 1);
    for (const target of tries) {
      try {
        if (stream) {
          this.onStream(target);
        }
        await this.proxy.web(request, response, { target: target.url });
        return;
      } catch (error) {
        if (response.headersSent || response.destroyed) {
          // Cut off in the middle, as the node was; the client comes back.
          response.destroy(error instanceof Error ? error : undefined);
          return;
        }
      }
    }
    response.writeHead(502, { 'Content-Type': 'text/plain' }).end('No node answers.\n');
  }
}
