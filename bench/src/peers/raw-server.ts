import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { BenchEvent } from './bench-event.js';

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/** What Node alone does for an event stream: the floor under every peer. */
export interface RawServer {
  readonly port: number;
  readonly responses: ReadonlySet<ServerResponse>;
  /** By the user's number. */
  readonly users: ReadonlyMap<string, ServerResponse>;
  close(): void;
}

/** @param open takes a compressed stream's response; without it there is none */
export async function startRawServer(open?: (response: ServerResponse) => void): Promise<RawServer> {
  const responses = new Set<ServerResponse>();
  const users = new Map<string, ServerResponse>();
  const server = createServer((request, response) => {
    const [, first, user] = (request.url ?? '').split('/');
    if (first === 'ping') {
      response.end('pong');
      return;
    }
    begin(request, response, first === 'gzip' ? open : undefined);
    responses.add(response);
    if (first === 'user') {
      users.set(user ?? '', response);
    }
    response.on('close', () => {
      responses.delete(response);
      users.delete(user ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    responses,
    users,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function begin(
  request: IncomingMessage,
  response: ServerResponse,
  gzip?: (response: ServerResponse) => void,
): void {
  request.socket.setTimeout(0);
  if (gzip) {
    response.writeHead(200, { ...headers, 'Content-Encoding': 'gzip' });
    response.flushHeaders();
    gzip(response);
  } else {
    beginStream(response);
  }
}

/** The least that opens an event stream. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, headers);
  response.write('retry: 3000\n\n');
}

const epoch = Date.now().toString(36);
let seq = 0;

/** An event as WHATWG has it, with an id of the usual length. */
export function frame(event: BenchEvent): string {
  seq += 1;
  return `event: ${event.type}\nid: ${epoch}7c1wq.${seq}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** A chunk of HTTP/1.1 with its header, ready for any socket. */
export function chunk(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}
