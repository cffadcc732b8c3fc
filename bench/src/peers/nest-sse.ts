import type { AddressInfo } from 'node:net';
import { Controller, Get, type MessageEvent, Module, Param, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Observable, Subject } from 'rxjs';

import type { StartPeer } from './peer.js';

const everybody = new Subject<MessageEvent>();
const users = new Map<string, Subject<MessageEvent>>();

@Controller()
class StreamController {
  @Sse('stream')
  stream(): Observable<MessageEvent> {
    return everybody;
  }

  @Sse('user/:user/stream')
  userStream(@Param('user') user: string): Observable<MessageEvent> {
    const subject = users.get(user) ?? new Subject<MessageEvent>();
    users.set(user, subject);
    return subject;
  }

  @Get('ping')
  ping(): string {
    return 'pong';
  }
}

@Module({ controllers: [StreamController] })
class NestSseModule {}

/** Nest's own decorator, with a Subject that every handler returns. */
export const startNestSse: StartPeer = async () => {
  const app = await NestFactory.create<NestExpressApplication>(NestSseModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  let id = 0;
  return {
    port: (app.getHttpServer().address() as AddressInfo).port,
    publish: (events) => {
      for (const { type, data } of events) {
        id += 1;
        everybody.next({ type, data, id: String(id) });
      }
    },
    publishTo: (user, { type, data }) => {
      id += 1;
      users.get(String(user))?.next({ type, data, id: String(id) });
    },
    connections: () => {
      let count = everybody.observers.length;
      for (const user of users.values()) {
        count += user.observers.length;
      }
      return count;
    },
    close: () => app.close(),
  };
};
