import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request for a stream, answered with one that goes on until somebody ends it. */
export interface ServedStream {
  readonly request: IncomingMessage;
  /** Writes an event whose data is JSON. */
  send(data: unknown, type?: string): void;
  end(): void;
  /** Resolves once its socket is closed, by whomever. */
  readonly closed: Promise<void>;
}

/** A server whose streams a spec plays by hand. */
export interface StreamServer {
  readonly url: string;
  /** How many requests there have been. */
  readonly requests: number;
  /** The next stream that nobody has asked for yet. */
  next(): Promise<ServedStream>;
  close(): Promise<void>;
}

/** A path of three digits is answered with that status, all others with a stream. */
export async function startStreamServer(): Promise<StreamServer> {
  const streams: ServedStream[] = [];
  const readers: ((stream: ServedStream) => void)[] = [];
  let requests = 0;
  let ids = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const status = Number(/^\/(\d{3})$/.exec(request.url ?? '')?.[1] ?? 200);
    response.writeHead(status, { 'Content-Type': 'text/event-stream' });
    if (status !== 200) {
      response.end();
      return;
    }
    response.write('retry: 1\n\n');
    const stream: ServedStream = {
      request,
      send(data, type = 'message') {
        ids += 1;
        response.write(`id: ${ids}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      },
      end: () => void response.end(),
      closed: new Promise((resolve) => response.once('close', resolve)),
    };
    const reader = readers.shift();
    if (reader) {
      reader(stream);
    } else {
      streams.push(stream);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    next: async () => streams.shift() ?? new Promise((resolve) => readers.push(resolve)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
