import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseHeartbeat, type SseModuleOptions } from '@nestcast/sse';
import { type SseStream, rawRequest } from '@nestcast/testing';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import compression from 'compression';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Deferred, deferred } from './support/deferred.js';
import { gzipEverything } from './support/gzip-everything.js';
import { nextClose, nextOpen, nextOpens } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { parseResponse } from './support/raw-response.js';
import { until } from './support/until.js';

const LONG = 'a long answer '.repeat(200);

@Controller()
class NewsController {
  slow: Deferred = deferred();
  slowBegun: Deferred = deferred();

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('quiet')
  @SseHeartbeat({ intervalMs: 600 })
  quiet() {
    return 'news';
  }

  @Get('slow')
  async slowly() {
    this.slowBegun.resolve();
    await this.slow.promise;
    return 'slow answer';
  }

  @Get('long')
  long() {
    return LONG;
  }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n`;

describe.each(adapters)('responses and sockets of all kinds on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (
    configure: (nest: INestApplication) => void = () => undefined,
    sse: SseModuleOptions = {},
  ): Promise<void> => {
    app = await startApp(adapter, { controllers: [NewsController], sse, configure });
  };

  const expectLive = async (stream: SseStream): Promise<void> => {
    await stream.connectionId();
    // Each is read before the next is published: nothing may wait for more.
    for (let data = 0; data < 5; data += 1) {
      const id = await app.channels.publish('news', { type: 'count', data });
      expect(await stream.next()).toMatchObject({ type: 'count', data: String(data), id });
    }
    await app.channels.disconnect({ channel: 'news' });
    expect(await stream.ended).toBe('end');
    expect(stream.decodeError).toBeUndefined();
    expect(stream.received.at(-1)?.type).toBe('sse:goodbye');
  };

  describe('behind a middleware that compresses', () => {
    const gzip = { headers: { 'accept-encoding': 'gzip' } };

    it('is left alone by compression, which heeds no-transform', async () => {
      await start((nest) => nest.use(compression({ threshold: 0 })));
      const other = await app.open('/long', gzip);
      expect(other.headers['content-encoding']).toBe('gzip');
      expect(await other.body()).toBe(LONG);

      const stream = await app.open('/news', gzip);
      expect(stream.headers['content-encoding']).toBeUndefined();
      await expectLive(stream);
    });

    it('is compressed once, by its own means, where both would', async () => {
      await start((nest) => nest.use(compression({ threshold: 0 })), { compression: { thresholdBytes: 0 } });
      const stream = await app.open('/news', gzip);
      expect(stream.headers['content-encoding']).toBe('gzip');
      await expectLive(stream);
    });

    it('is pushed through one that wraps every response, event by event', async () => {
      await start((nest) => nest.use(gzipEverything));
      const stream = await app.open('/news', gzip);
      expect(stream.headers['content-encoding']).toBe('gzip');
      await expectLive(stream);
      expect(stream.rawBytes().toString('latin1')).not.toContain('sse:connected');
    });

    it('is pushed through it to a client without chunks', async () => {
      await start((nest) => nest.use(gzipEverything));
      const stream = await app.open('/news', { headers: { connection: 'close' } });
      expect(stream.headers).not.toHaveProperty('transfer-encoding');
      await expectLive(stream);
    });
  });

  describe('on a socket with several requests', () => {
    let controller: NewsController;
    beforeEach(async () => {
      await start();
      controller = app.app.get(NewsController);
    });

    it('waits behind a slow answer, then has everything since its opening', async () => {
      const opened = nextOpen(app);
      const exchange = rawRequest({ port: app.port, text: get('/slow') + get('/news') });
      const { id: connectionId } = await opened;
      const ids = [await app.channels.publish('news', { data: 'waiting' })];
      expect(exchange.text).toBe('');
      controller.slow.resolve();
      await exchange.readUntil('data: waiting\n\n');
      ids.push(await app.channels.publish('news', { data: 'live' }));
      await exchange.readUntil('data: live\n\n');
      await app.channels.disconnect({ connectionId });
      await exchange.readUntil('0\r\n\r\n');

      const slow = parseResponse(exchange.bytes);
      expect(slow.body.toString()).toBe('slow answer');
      const { headers, body, complete, rest } = parseResponse(slow.rest);
      expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(body.toString()).toContain(`id: ${ids[0]}\ndata: waiting\n\nid: ${ids[1]}\ndata: live\n\n`);
      expect([complete, rest.length]).toEqual([true, 0]);

      exchange.write(get('/long'));
      await exchange.readUntil(LONG);
      exchange.destroy();
    });

    it('keeps a later answer back until its own end', async () => {
      controller.slow.resolve();
      const opened = nextOpen(app);
      const exchange = rawRequest({ port: app.port, text: get('/news') + get('/slow') });
      const { id: connectionId } = await opened;
      await controller.slowBegun.promise;
      for (const data of ['one', 'two']) {
        await app.channels.publish('news', { data });
        await exchange.readUntil(`data: ${data}\n\n`);
      }
      await app.channels.disconnect({ connectionId });
      await exchange.readUntil('slow answer');
      const { body, complete, rest } = parseResponse(exchange.bytes);
      expect(complete).toBe(true);
      expect(body.toString()).toMatch(/data: one\n\n.*\ndata: two\n\nevent: sse:goodbye\n.*\n\n$/);
      expect(parseResponse(rest).body.toString()).toBe('slow answer');
      exchange.destroy();
    });

    it('streams one after the other', async () => {
      const opened = nextOpens(app, 2);
      const exchange = rawRequest({ port: app.port, text: get('/news') + get('/news') });
      const [first, second] = await opened;
      await app.channels.publish('news', { data: 'for both' });
      await exchange.readUntil('data: for both\n\n');
      first?.close();
      await exchange.readUntil((text) => text.split('data: for both\n\n').length === 3);
      await app.channels.publish('news', { data: 'for the second' });
      await exchange.readUntil('data: for the second\n\n');
      second?.close();
      await exchange.readUntil((text) => text.split('\r\n0\r\n\r\n').length === 3);
      const one = parseResponse(exchange.bytes);
      const other = parseResponse(one.rest);
      expect([one.complete, other.complete, other.rest.length]).toEqual([true, true, 0]);
      expect(one.body.toString()).not.toContain('for the second');
      exchange.destroy();
    });

    it('leaves nothing when its client dies while it waits', async () => {
      const opened = nextOpen(app);
      const closed = nextClose(app);
      const exchange = rawRequest({ port: app.port, text: get('/slow') + get('/news') });
      const connection = await opened;
      await app.channels.publish('news', { data: 'never read' });
      exchange.destroy();
      expect(await closed).toBe('client');
      expect(connection.signal.aborted).toBe(true);
      expect(app.channels.connections()).toEqual([]);
      expect(app.channels.stats()).toMatchObject({
        opens: 1,
        connections: 0,
        channels: 0,
        closes: { client: 1 },
      });
      controller.slow.resolve();
    });

    it('serves the next request after a clean end', async () => {
      const opened = nextOpen(app);
      const exchange = rawRequest({ port: app.port, text: get('/news') });
      (await opened).close();
      await exchange.readUntil('0\r\n\r\n');
      const again = nextOpen(app);
      exchange.write(get('/news'));
      const connection = await again;
      await app.channels.publish('news', { data: 'the second time' });
      await exchange.readUntil('the second time');
      connection.close();
      await exchange.readUntil((text) => text.split('\r\n0\r\n\r\n').length === 3);
      exchange.write(get('/long'));
      await exchange.readUntil(LONG);
      exchange.destroy();
    });
  });

  it('do not warn of a leak where many requests are pipelined, and hold nothing once their socket is gone', async () => {
    await start(undefined, { limits: { perIp: 20 } });
    const sockets: Socket[] = [];
    app.app.getHttpServer().on('connection', (socket: Socket) => sockets.push(socket));
    const exchange = rawRequest({ port: app.port, text: get('/news').repeat(25) });
    await until(() => app.channels.stats().refusals.perIp === 5);
    expect(app.channels.stats().connections).toBe(20);
    // Node warns, with a stack trace in the log, of each socket with more listeners than that.
    const [socket] = sockets as [Socket];
    expect(socket.listenerCount('close')).toBeGreaterThan(10);
    expect(socket.getMaxListeners() || Infinity).toBeGreaterThanOrEqual(socket.listenerCount('close'));
    exchange.destroy();
    await until(() => app.channels.stats().connections === 0);
    expect((await app.open('/news')).status).toBe(200);
  });

  it("is not cut by the server's idle limit, which other requests feel", async () => {
    await start((nest) => {
      (nest.getHttpServer() as Server).timeout = 150;
    });
    const stream = await app.open('/quiet');
    await stream.connectionId();
    const waiting = rawRequest({ port: app.port, text: get('/slow') });
    await waiting.closed;
    expect(waiting.text).toBe('');
    while ((await stream.nextFrame()).comment === undefined) {
      // The first heartbeat comes after four times the limit.
    }
    await expectLive(stream);
  });
});
