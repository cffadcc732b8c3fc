import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Session, createChannel, createSession } from 'better-sse';

import type { StartPeer } from './peer.js';

/** better-sse on node:http. Its keep-alive comments are off, to its advantage. */
export const startBetterSse: StartPeer = async () => {
  const channel = createChannel();
  const users = new Map<string, Session>();
  const open = async (request: IncomingMessage, response: ServerResponse, user?: string): Promise<void> => {
    const session = await createSession(request, response, { keepAlive: null, retry: 3_000 });
    channel.register(session);
    if (user !== undefined) {
      users.set(user, session);
      session.once('disconnected', () => users.delete(user));
    }
  };
  const server = createServer((request, response) => {
    const [, first, user] = (request.url ?? '').split('/');
    if (first === 'ping') {
      response.end('pong');
      return;
    }
    void open(request, response, first === 'user' ? user : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  let id = 0;
  return {
    port: (server.address() as AddressInfo).port,
    publish: (events) => {
      for (const { type, data } of events) {
        id += 1;
        channel.broadcast(data, type, { eventId: String(id) });
      }
    },
    publishTo: (user, { type, data }) => {
      id += 1;
      users.get(String(user))?.push(data, type, String(id));
    },
    connections: () => channel.sessionCount,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
