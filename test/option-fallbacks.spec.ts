import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SseChannel,
  SseCompression,
  SseCompressionInterceptor,
  SseHeartbeat,
  SseHeartbeatInterceptor,
  type SseModuleOptions,
  SseRetry,
  SseRetryInterceptor,
} from '@nestcast/sse';
import { Controller, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('plain')
class PlainController {
  @SseChannel()
  plain() {
    return 'news';
  }

  @SseChannel('decorated')
  @SseRetry({ ms: 7_000 })
  @SseHeartbeat({ intervalMs: 40 })
  @SseCompression({ encodings: ['gzip'] })
  decorated() {
    return 'news';
  }

  @SseRetry({ ms: 8_000, jitter: undefined })
  @SseChannel('above')
  above() {
    return 'news';
  }

  @SseChannel('bare')
  @UseInterceptors(SseRetryInterceptor, SseHeartbeatInterceptor, SseCompressionInterceptor)
  bare() {
    return 'news';
  }

  @SseChannel('not-compressed')
  @SseCompression({ encodings: [] })
  notCompressed() {
    return 'news';
  }
}

@Controller('controller')
@SseRetry({ ms: 5_000, jitter: 0 })
@SseHeartbeat({ intervalMs: 40, visible: true })
class DecoratedController {
  @SseChannel()
  all() {
    return 'news';
  }

  @SseChannel('own')
  @SseRetry({ ms: 6_000 })
  own() {
    return 'news';
  }
}

const gzip = { headers: { 'accept-encoding': 'gzip' } };

describe.each(adapters)('options on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}, providers = [] as object[]): Promise<void> {
    const controllers = [PlainController, DecoratedController];
    app = await startApp(adapter, { controllers, sse, providers: providers as never });
  }

  /** The first hint of a path's stream. */
  async function hintOf(path: string): Promise<number> {
    const { text } = await (await app.open(path)).nextFrame();
    return Number(/^retry: (\d+)$/m.exec(text)?.[1]);
  }

  /** The content encoding that a client gets. */
  async function encodingOf(path: string, accept: string): Promise<string | undefined> {
    const { headers } = await app.open(path, { headers: { 'accept-encoding': accept } });
    return headers['content-encoding'];
  }

  it('fall back field by field: method, controller, module', async () => {
    await start({ retry: { ms: 1_000, jitter: 0 } });
    expect(await hintOf('/plain')).toBe(1_000);
    // Its jitter is the module's, or this would be exact only by chance.
    expect(await hintOf('/plain/decorated')).toBe(7_000);
    expect(await hintOf('/controller')).toBe(5_000);
    expect(await hintOf('/controller/own')).toBe(6_000);
  });

  it('that are undefined are left out, and a decorator may stand above @SseChannel()', async () => {
    await start({ retry: { ms: undefined, jitter: 0 }, heartbeat: undefined });
    expect(await hintOf('/plain')).toBe(3_000);
    expect(await hintOf('/plain/above')).toBe(8_000);
  });

  it('have documented defaults: 3 s within 30 %, heartbeats of 15 s, no compression', async () => {
    await start();
    const hints = await Promise.all(Array.from({ length: 20 }, () => hintOf('/plain')));
    expect(Math.min(...hints)).toBeGreaterThanOrEqual(2_100);
    expect(Math.max(...hints)).toBeLessThanOrEqual(3_900);
    expect(new Set(hints).size).toBeGreaterThan(1);
    expect((await app.open('/plain', gzip)).headers['content-encoding']).toBeUndefined();
  });

  it('of heartbeats: the interval of the decorator, the visibility of the module', async () => {
    await start({ heartbeat: { visible: true, intervalMs: 0 } });
    const stream = await app.open('/plain/decorated');
    expect(await stream.control('sse:heartbeat')).toEqual({ at: expect.any(Number) });
    expect(await stream.control('sse:heartbeat')).toEqual({ at: expect.any(Number) });
  });

  it('of heartbeats: a comment by default', async () => {
    await start();
    const stream = await app.open('/plain/decorated');
    // retry, sse:connected, the priming id
    await Promise.all([stream.nextFrame(), stream.nextFrame(), stream.nextFrame()]);
    expect(await stream.nextFrame()).toMatchObject({ text: ': heartbeat\n\n' });
  });

  it('of compression: the encodings of the decorator, the threshold of the module', async () => {
    await start({ compression: { thresholdBytes: 0 } });
    const stream = await app.open('/plain/decorated', gzip);
    expect(stream.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    await stream.connectionId();
    const before = stream.rawBytes().length;
    await app.channels.publish('news', { data: 'x'.repeat(400) });
    await stream.next();
    // Below the default threshold of 512 bytes it would have been stored.
    expect(stream.rawBytes().length - before).toBeLessThan(100);
  });

  it('of compression: a client gets no encoding that it or the route does not know', async () => {
    await start({ compression: {} });
    expect(await encodingOf('/plain', 'gzip')).toBe('gzip');
    expect(await encodingOf('/plain', 'br')).toBeUndefined();
    expect(await encodingOf('/plain', 'gzip;q=0')).toBeUndefined();
    expect(await encodingOf('/plain/not-compressed', 'gzip')).toBeUndefined();
  });

  it("of the bare interceptors are the module's, and the defaults of compression", async () => {
    await start({ retry: { ms: 1_000, jitter: 0 }, heartbeat: { intervalMs: 40, visible: true } });
    const stream = await app.open('/plain/bare', gzip);
    expect(stream.headers['content-encoding']).toBe('gzip');
    expect((await stream.nextFrame()).text).toContain('retry: 1000');
    await stream.control('sse:heartbeat');
  });

  it('of an interceptor that is global hold for all routes', async () => {
    await start({}, [{ provide: APP_INTERCEPTOR, useClass: SseCompressionInterceptor }]);
    expect((await app.open('/plain', gzip)).headers['content-encoding']).toBe('gzip');
    expect((await app.open('/plain/not-compressed', gzip)).headers['content-encoding']).toBeUndefined();
  });
});
