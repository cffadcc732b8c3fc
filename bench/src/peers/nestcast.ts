import type { AddressInfo } from 'node:net';
import {
  SseChannel,
  SseChannelRegistry,
  SseCompression,
  SseConnectionLimit,
  SseHeartbeat,
  SseModule,
  SseRetry,
} from '@nestcast/sse';
import { Controller, Get, type INestApplication, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

import type { Peer, StartPeer } from './peer.js';

@Controller()
@SseConnectionLimit({ perUser: 3 })
@SseHeartbeat({ intervalMs: 15_000 })
@SseRetry({ ms: 3_000 })
class StreamController {
  @SseChannel('stream')
  stream(): string {
    return 'orders';
  }

  @SseChannel('gzip/stream')
  @SseCompression({ encodings: ['gzip'] })
  gzipStream(): string {
    return 'orders';
  }

  @SseChannel('user/:user/stream')
  userStream(@Param('user') user: string): string {
    return `user/${user}`;
  }

  @Get('ping')
  ping(): string {
    return 'pong';
  }
}

@Module({
  imports: [
    SseModule.forRoot({
      limits: { total: 20_000 },
      identify: (request: { headers: Record<string, string> }) => request.headers['x-user'],
    }),
  ],
  controllers: [StreamController],
})
class NestcastModule {}

export const startNestcastOnExpress: StartPeer = async () =>
  serve(await NestFactory.create(NestcastModule, new ExpressAdapter(), { logger: ['error'] }));

export const startNestcastOnFastify: StartPeer = async () =>
  serve(await NestFactory.create(NestcastModule, new FastifyAdapter(), { logger: ['error'] }));

async function serve(app: INestApplication): Promise<Peer> {
  await app.listen(0, '127.0.0.1');
  const channels = app.get(SseChannelRegistry);
  return {
    port: (app.getHttpServer().address() as AddressInfo).port,
    publish: (events) => {
      for (const event of events) {
        void channels.publish('orders', event);
      }
    },
    publishTo: (user, event) => void channels.publish(`user/${user}`, event),
    connections: () => channels.connections().length,
    close: () => app.close(),
  };
}
