import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SseChannel,
  SseCompression,
  SseCompressionInterceptor,
  SseConnectionLimit,
  SseConnectionLimitGuard,
  SseHeartbeatInterceptor,
  SseRetryInterceptor,
} from '@nestcast/sse';
import { Controller, Get, type Provider, UseGuards } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, ExternalContextCreator } from '@nestjs/core';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller('shop')
@SseCompression({ encodings: ['gzip'] })
@SseConnectionLimit({ perUser: 3, opensPerMinute: 4 })
@UseGuards(UserGuard)
class ShopController {
  @SseChannel('stream')
  stream() {
    return 'orders';
  }

  @Get('orders')
  orders() {
    return ['one'];
  }
}

@Controller('open')
class OpenController {
  @SseChannel('stream')
  stream() {
    return 'news';
  }

  @Get('plain')
  plain() {
    return 'plain';
  }
}

class MessageHandlers {
  join(this: void, ...parts: unknown[]) {
    return parts.join(' ');
  }
}

const everywhere: Provider[] = [
  { provide: APP_GUARD, useClass: SseConnectionLimitGuard },
  { provide: APP_INTERCEPTOR, useClass: SseCompressionInterceptor },
  { provide: APP_INTERCEPTOR, useClass: SseHeartbeatInterceptor },
  { provide: APP_INTERCEPTOR, useClass: SseRetryInterceptor },
];

describe.each(adapters)('guard and interceptors on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('of a controller leave its ordinary routes uncounted', async () => {
    app = await startApp(adapter, { controllers: [ShopController] });
    for (let visit = 0; visit < 5; visit += 1) {
      await request(app.url).get('/shop/orders').set('x-user', 'ann').expect(200, ['one']);
    }
    for (let opened = 0; opened < 3; opened += 1) {
      expect((await app.open('/shop/stream', as('ann'))).status).toBe(200);
    }
    expect((await app.open('/shop/stream', as('ann'))).status).toBe(429);
    await request(app.url).get('/shop/orders').set('x-user', 'ann').expect(200, ['one']);
  });

  it('of all routes leave the ordinary ones uncounted', async () => {
    app = await startApp(adapter, {
      controllers: [OpenController],
      providers: everywhere,
      sse: { limits: { total: 1 } },
    });
    expect((await app.open('/open/stream')).status).toBe(200);
    expect((await app.open('/open/stream')).status).toBe(503);
    await request(app.url).get('/open/plain').expect(200, 'plain');
  });

  it.each(['rpc', 'ws', 'graphql'])('of everything let a handler of %s through', async (type) => {
    app = await startApp(adapter, { providers: [MessageHandlers, ...everywhere] });
    const handlers = app.app.get(MessageHandlers);
    // What Nest's own packages for other transports make their handlers with.
    const handle = app.app
      .get(ExternalContextCreator)
      .create<never, string>(
        handlers,
        handlers.join,
        'join',
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        type,
      );
    expect(await handle('what', 'came')).toBe('what came');
  });
});
