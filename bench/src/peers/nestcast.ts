import type { AddressInfo } from 'node:net';
import { redisBroker } from '@nestcast/redis';
import {
  type BrokerFactory,
  clusterBroker,
  memoryBroker,
  SseChannel,
  SseChannelRegistry,
  SseCompression,
  SseConnectionLimit,
  SseHeartbeat,
  SseModule,
  SseRetry,
} from '@nestcast/sse';
import { Controller, type DynamicModule, Get, type INestApplication, Module, Param } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
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

@Module({})
class NestcastModule {
  static over(broker: BrokerFactory): DynamicModule {
    return {
      module: NestcastModule,
      imports: [
        SseModule.forRoot({
          broker,
          limits: { total: 20_000 },
          identify: (request: { headers: Record<string, string> }) => request.headers['x-user'],
        }),
      ],
      controllers: [StreamController],
    };
  }
}

export const startNestcastOnExpress: StartPeer = async () =>
  serve(await create(memoryBroker(), new ExpressAdapter()));

export const startNestcastOnFastify: StartPeer = async () =>
  serve(await create(memoryBroker(), new FastifyAdapter()));

/** Its primary is the bench itself. */
export const startNestcastInCluster: StartPeer = async () =>
  serve(await create(clusterBroker(), new ExpressAdapter()));

export const startNestcastOverRedis: StartPeer = async ({ redisUrl = '' }) =>
  serve(await create(redisBroker({ url: redisUrl }), new ExpressAdapter()));

function create(broker: BrokerFactory, adapter: AbstractHttpAdapter): Promise<INestApplication> {
  return NestFactory.create(NestcastModule.over(broker), adapter, { logger: ['error'] });
}

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
    publishMany: async (events) => {
      await Promise.all(events.map((event) => channels.publish('unheard', event)));
    },
    connections: () => channels.connections().length,
    close: () => app.close(),
  };
}
