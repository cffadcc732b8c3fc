import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  createServer,
  request,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type ChannelOpenOptions, type Hub, type HubOptions, Http1Transport } from '@nestcast/hub';

const LOOPBACK = '127.0.0.1';

interface Waiter {
  readonly arrived: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * A stream from this process to itself, over a socket of the loopback interface: what is published to its channel goes
 * through the broker, the fan-out and the transport as everybody's does, but past the application's routes, guards and TLS.
 * It stays open between round trips, and nothing listens on a port then.
 */
export class CanaryStream {
  /** Its own: other nodes that share the broker have others. */
  private readonly channel = `nestcast:canary/${randomUUID()}`;
  private opening: Promise<void> | undefined;
  private outgoing: ClientRequest | undefined;
  /** By the mark that the event carries. */
  private readonly waiting = new Map<string, Waiter>();

  constructor(
    private readonly hub: Hub,
    private readonly options: HubOptions,
  ) {}

  /**
   * Publishes an event and waits until it has come back.
   *
   * @param abandoned aborted when nobody waits for it any more
   * @returns how long it took, the opening of the stream left out; milliseconds
   */
  async roundTrip(abandoned: AbortSignal): Promise<number> {
    const { opening } = this;
    try {
      return await this.roundTripOnce();
    } catch (error) {
      if (!opening || this.opening || abandoned.aborted) {
        throw error;
      }
      // A stream that was there has ended under it, for which there are many good reasons.
      return this.roundTripOnce();
    }
  }

  /** Cuts it off, and every round trip with it; the next opens another. */
  reset(): void {
    this.outgoing?.destroy();
  }

  private async roundTripOnce(): Promise<number> {
    this.opening ??= this.open();
    await this.opening;
    const mark = randomUUID();
    const publishedAt = performance.now();
    const back = new Promise<void>((arrived, failed) => this.waiting.set(mark, { arrived, failed }));
    try {
      await Promise.all([back, this.hub.publish(this.channel, { type: 'canary', data: mark })]);
      return performance.now() - publishedAt;
    } finally {
      this.waiting.delete(mark);
    }
  }

  private async open(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  private async connect(): Promise<void> {
    if (!this.hub.ready) {
      throw new Error('The node is shutting down.');
    }
    let answer: RequestListener = refuse;
    const server = createServer((incoming, response) => answer(incoming, response));
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    try {
      await new Promise<void>((resolve, reject) => {
        // Whoever else finds the port in the moment in which it is open is refused.
        const path = `/${randomUUID()}`;
        answer = (incoming, response) => {
          if (incoming.url === path) {
            this.serve(incoming, response).catch((error: unknown) => {
              // First, for it says more than that the response has failed.
              reject(error);
              response.destroy();
            });
          } else {
            refuse(incoming, response);
          }
        };
        const { port } = server.address() as AddressInfo;
        // Without the header Node would ask for a connection that is closed after the response, which is framed otherwise.
        const headers = { accept: 'text/event-stream', connection: 'keep-alive' };
        this.outgoing = request({ host: LOOPBACK, port, path, agent: false, headers })
          // Once there is a response, its close tells what goes wrong, and this changes nothing.
          .on('error', reject)
          .once('response', (response) => {
            this.read(response);
            resolve();
          })
          .end();
      });
    } finally {
      server.close();
    }
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.hub.connect({
      userId: undefined,
      ip: LOOPBACK,
      lastEventId: undefined,
      transport: new Http1Transport(incoming, response),
    });
    // Quiet but for its events: no heartbeat, no end of its own.
    const options: ChannelOpenOptions = {
      ...this.options,
      heartbeat: { ...this.options.heartbeat, intervalMs: 0 },
      maxConnectionAge: { ms: 0, jitter: 0 },
      compression: undefined,
      coding: 'identity',
      negotiated: false,
    };
    await this.hub.openChannels(connection, [this.hub.channel(this.channel)], options);
  }

  private read(response: IncomingMessage): void {
    // Once it is over it has let go of its socket.
    const { socket } = response;
    let cause: Error | undefined;
    const fail = (error: Error): void => {
      cause ??= error;
    };
    response.on('error', fail).once('close', () => {
      socket.destroy();
      this.ended(cause);
    });
    createInterface({ input: response })
      .on('error', fail)
      .on('line', (line) => this.readLine(line));
  }

  private readLine(line: string): void {
    for (const [mark, { arrived }] of this.waiting) {
      // Anywhere in the data: the application may have events of all channels sent in batches.
      if (line.startsWith('data: ') && line.includes(mark)) {
        arrived();
      }
    }
  }

  private ended(cause: Error | undefined): void {
    this.opening = undefined;
    this.outgoing = undefined;
    const error = new Error('The stream has ended before the event came.', { cause });
    this.waiting.forEach(({ failed }) => failed(error));
  }
}

function refuse(_incoming: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end();
}
