import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type NestInterceptor,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Observable } from 'rxjs';

import type { Peer, StartPeer } from './peer.js';
import { beginStream } from './raw-server.js';

const responses = new Set<ServerResponse>();

@Injectable()
class IdleGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
class IdleInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

type Reply = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** As many guards and interceptors as Nestcast's route has, and nothing in them. */
@Controller()
@UseGuards(IdleGuard)
@UseInterceptors(IdleInterceptor, IdleInterceptor, IdleInterceptor)
class StreamController {
  @Get('stream')
  stream(@Res() reply: Reply): void {
    if ('hijack' in reply) {
      reply.hijack();
    }
    const response = 'raw' in reply ? reply.raw : reply;
    beginStream(response);
    responses.add(response);
    response.on('close', () => responses.delete(response));
  }
}

@Module({ controllers: [StreamController] })
class NestBareModule {}

/** The floor under every stream of a Nest application: what Nest and its adapter do for any request. */
export const startNestBareOnExpress: StartPeer = async () =>
  serve(await NestFactory.create(NestBareModule, new ExpressAdapter(), { logger: false }));

export const startNestBareOnFastify: StartPeer = async () =>
  serve(await NestFactory.create(NestBareModule, new FastifyAdapter(), { logger: false }));

async function serve(app: INestApplication): Promise<Peer> {
  await app.listen(0, '127.0.0.1');
  return {
    port: (app.getHttpServer().address() as AddressInfo).port,
    publish: () => {
      throw new Error('Only opened and held, never published to.');
    },
    connections: () => responses.size,
    close: () => app.close(),
  };
}
