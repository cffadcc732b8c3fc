import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { type RawExchange, rawRequest } from '@nestcast/testing';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { nextClose, nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { parseResponse } from './support/raw-response.js';

/** Sets headers by the framework's own means, as session and rate limit libraries do. */
@Injectable()
class HeaderGuard implements CanActivate {
  constructor(private readonly host: HttpAdapterHost) {}

  canActivate(context: ExecutionContext): boolean {
    const response = context.switchToHttp().getResponse<object>();
    this.host.httpAdapter.setHeader(response, 'Set-Cookie', 'session=1; HttpOnly');
    this.host.httpAdapter.setHeader(response, 'X-RateLimit-Remaining', '9');
    return true;
  }
}

@Controller()
class NewsController {
  @SseChannel('news')
  @Header('X-From-Decorator', 'yes')
  @Header('Cache-Control', 'public, max-age=60')
  news() {
    return 'news';
  }

  @SseChannel('cookies')
  @UseGuards(HeaderGuard)
  cookies() {
    return 'news';
  }

  @Get('plain')
  plain() {
    return 'plain answer';
  }
}

/** As helmet and its like do: on the raw response, before anything else. */
function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Content-Security-Policy', "default-src 'self'");
  response.setHeader('Strict-Transport-Security', 'max-age=31536000');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
}

describe.each(adapters)('HTTP around the stream on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (compressed = false): Promise<void> => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      ...(compressed && { sse: { compression: { encodings: ['gzip'] } } }),
      configure: (nest) => {
        nest.use(securityHeaders);
        nest.enableCors({ origin: ['https://example.org'], credentials: true });
      },
    });
  };

  const request = (text: string): RawExchange => rawRequest({ port: app.port, text });

  it('keeps the headers of middleware, CORS, guards and decorators, and its own over theirs [W3]', async () => {
    await start();
    const stream = await app.open('/news', { headers: { origin: 'https://example.org' } });
    expect(stream.headers).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': 'https://example.org',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
      'x-from-decorator': 'yes',
      'cache-control': 'no-store, no-transform',
      'content-type': 'text/event-stream; charset=utf-8',
    });
    const cookies = await app.open('/cookies');
    expect(cookies.headers).toMatchObject({
      'set-cookie': ['session=1; HttpOnly'],
      'x-ratelimit-remaining': '9',
    });
    const names = cookies.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names).toHaveLength(new Set(names).size);
  });

  it('extends a Vary that is there already [W3]', async () => {
    await start(true);
    const stream = await app.open('/news', { headers: { origin: 'https://example.org' } });
    expect(stream.headers.vary).toBe('Origin, Accept-Encoding');
    expect(stream.headers['content-encoding']).toBeUndefined();
  });

  it.each([
    ['HTTP/1.0', 'GET /news HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n'],
    [
      'HTTP/1.0 that would keep the connection',
      'GET /news HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
    ],
    ['HTTP/1.1 with Connection: close', 'GET /news HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [
      'a list with close in it',
      'GET /news HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\nTE: trailers\r\n\r\n',
    ],
  ])('sends no chunks to %s, and ends with the connection [W4]', async (_what, text) => {
    await start();
    const opened = nextOpen(app);
    const exchange = request(text);
    const { id: connectionId } = await opened;
    const ids: string[] = [];
    // Each is read before the next is published: nothing may wait for more.
    for (const data of ['one', 'two', 'three']) {
      ids.push(await app.channels.publish('news', { data }));
      await exchange.readUntil(`data: ${data}\n\n`);
    }
    expect(await app.channels.disconnect({ connectionId })).toBe(1);
    await exchange.closed;
    expect(exchange.error).toBeUndefined();
    const { statusLine, headers, body } = parseResponse(exchange.bytes);
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(headers).toMatchObject({
      connection: 'close',
      'content-type': 'text/event-stream; charset=utf-8',
    });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(headers).not.toHaveProperty('content-length');
    const [one, two, three] = ids;
    expect(body.toString().replace(/^retry: \d+\n\n.*\n.*\n\nid: .*\n\n/, '')).toBe(
      `id: ${one}\ndata: one\n\nid: ${two}\ndata: two\n\nid: ${three}\ndata: three\n\n` +
        'event: sse:goodbye\ndata: {"reason":"server"}\n\n',
    );
  });

  it('notices that a client without chunks has gone [W4]', async () => {
    await start();
    const opened = nextOpen(app);
    const closed = nextClose(app);
    const exchange = request('GET /news HTTP/1.0\r\nHost: x\r\n\r\n');
    await opened;
    exchange.destroy();
    expect(await closed).toBe('client');
    expect(app.channels.connections()).toEqual([]);
  });

  it.each([
    ['plain', '/news', {}],
    ['compressed by the module', '/news', { 'Accept-Encoding': 'gzip' }],
  ])('answers HEAD with the headers of GET alone: %s [W4]', async (_what, path, extra) => {
    await start('Accept-Encoding' in extra);
    const lines = Object.entries(extra).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = request(
      `HEAD ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}\r\nGET /plain HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    // The next response follows the headers: there is no body.
    await head.readUntil('plain answer');
    const end = head.bytes.indexOf('\r\n\r\n') + 4;
    const { statusLine, headers } = parseResponse(head.bytes.subarray(0, end));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(head.text.slice(end)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    head.destroy();
    expect(app.channels.stats()).toMatchObject({ opens: 0, connections: 0 });

    const stream = await app.open(path, { headers: extra });
    const { 'transfer-encoding': _framing, date: _date, ...ofGet } = stream.headers;
    const { date: _otherDate, ...ofHead } = headers;
    expect(ofHead).toEqual(ofGet);
  });

  it('refuses an event stream to those who want none, as any Nest route would [W4]', async () => {
    await start();
    for (const accept of [
      'text/html',
      'application/json',
      'text/event-stream;q=0',
      'text/event-stream;q=0, */*',
    ]) {
      const stream = await app.open('/news', { headers: { accept } });
      expect([accept, stream.status]).toEqual([accept, 406]);
      expect(stream.headers['content-type']).toMatch(/^application\/json/);
      expect(JSON.parse(await stream.body())).toEqual({
        statusCode: 406,
        error: 'Not Acceptable',
        message: 'This route answers with text/event-stream.',
      });
    }
    expect((await app.open('/news', { method: 'HEAD', headers: { accept: 'text/html' } })).status).toBe(406);
    expect(app.channels.stats()).toMatchObject({ opens: 0, connections: 0 });
  });

  it('streams to whoever accepts it in any way [W4]', async () => {
    await start();
    const ways = [
      undefined,
      '*/*',
      'text/*',
      'text/*;q=0.1, text/html',
      'TEXT/Event-Stream',
      'text/html, */*;q=0.01',
    ];
    for (const accept of ways) {
      const stream = await app.open('/news', { headers: { accept } });
      expect([accept, stream.status]).toEqual([accept, 200]);
    }
  });
});
