import type { AddressInfo } from 'node:net';
import fastifySse from '@fastify/sse';
import { type FastifyReply, fastify } from 'fastify';

import type { StartPeer } from './peer.js';

/** @fastify/sse on Fastify 5. Its heartbeats are off, to its advantage. */
export const startFastifySse: StartPeer = async () => {
  const streams = new Set<FastifyReply['sse']>();
  const users = new Map<string, FastifyReply['sse']>();
  const open = async (reply: FastifyReply, user?: string): Promise<void> => {
    const { sse } = reply;
    sse.keepAlive();
    sse.onClose(() => {
      streams.delete(sse);
      users.delete(user ?? '');
    });
    await sse.send({ data: 'open', retry: 3_000 });
    streams.add(sse);
    if (user !== undefined) {
      users.set(user, sse);
    }
  };
  const app = fastify();
  // Its types tell of a default export beside the one that Node finds.
  await app.register(fastifySse as unknown as typeof fastifySse.default);
  const sse = { kind: 'only', heartbeat: false } as const;
  app.get('/stream', { sse }, (_, reply) => open(reply));
  app.get<{ Params: { user: string } }>('/user/:user/stream', { sse }, (request, reply) =>
    open(reply, request.params.user),
  );
  app.get('/ping', () => 'pong');
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  let id = 0;
  return {
    port: (app.server.address() as AddressInfo).port,
    publish: (events) => {
      for (const { type, data } of events) {
        id += 1;
        for (const stream of streams) {
          void stream.send({ id: String(id), event: type, data });
        }
      }
    },
    publishTo: (user, { type, data }) => {
      id += 1;
      void users.get(String(user))?.send({ id: String(id), event: type, data });
    },
    connections: () => streams.size,
    close: () => app.close(),
  };
};
