import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub } from '@nestcast/hub';
import { SseChannel, SseConnectionLimit, type SseModuleOptions } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const WINDOW_MS = 20_000;

@Controller()
class StreamController {
  handled = 0;

  @SseChannel('news')
  news() {
    this.handled += 1;
    return 'news';
  }

  @SseChannel('stop')
  @SseConnectionLimit({ refusal: 'stop' })
  stop() {
    this.handled += 1;
    return 'news';
  }
}

describe.each(adapters)('a request during the drain on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function startDraining(sse: SseModuleOptions): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { ...sse, drain: { reconnectWindowMs: WINDOW_MS, ...sse.drain } },
    });
    await app.app.get(Hub).drain();
  }

  it('is 503, with a moment of its own within the window to come back', async () => {
    await startDraining({});
    const streams = await Promise.all(Array.from({ length: 40 }, () => app.open('/news')));
    expect(streams.every(({ status }) => status === 503)).toBe(true);
    const seconds = streams.map(({ headers }) => Number(headers['retry-after']));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(WINDOW_MS / 1_000);
    expect(new Set(seconds).size).toBeGreaterThan(8);
    expect(app.channels.stats()).toMatchObject({ connections: 0, opens: 0, refusals: { drain: 40 } });
    expect(app.app.get(StreamController).handled).toBe(0);
  });

  it.each([
    ['limits.refusal', { limits: { refusal: 'stream' } }],
    ['drain.refusal, which goes before', { limits: { refusal: 'stop' }, drain: { refusal: 'stream' } }],
  ] as const)('is a stream that says goodbye, by %s', async (_what, sse) => {
    await startDraining(sse);
    const streams = await Promise.all(Array.from({ length: 40 }, () => app.open('/news')));
    const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
    const retries = goodbyes.map((goodbye) => (goodbye as { retryMs: number }).retryMs);
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    expect(goodbyes).toEqual(retries.map((retryMs) => ({ reason: 'drain', retryMs })));
    expect(streams.map(({ frames }) => frames[0]?.text)).toEqual(retries.map((ms) => `retry: ${ms}\n\n`));
    expect(Math.max(...retries)).toBeLessThan(WINDOW_MS);
    // Not all in one half of the window, nor at one moment.
    expect(Math.max(...retries)).toBeGreaterThan(WINDOW_MS / 2);
    expect(new Set(retries).size).toBeGreaterThan(30);
    expect(app.channels.stats()).toMatchObject({ connections: 0, refusals: { drain: 40 } });
  });

  it.each([
    ['limits.refusal', '/news', { limits: { refusal: 'stop' } }],
    ['drain.refusal', '/news', { drain: { refusal: 'stop' } }],
    ["the route's own, which goes before both", '/stop', { drain: { refusal: 'stream' } }],
  ] as const)('is 204, by %s', async (_what, path, sse) => {
    await startDraining(sse);
    const refused = await app.open(path);
    expect([refused.status, await refused.body()]).toEqual([204, '']);
    expect(app.channels.stats().refusals.drain).toBe(1);
    expect(app.app.get(StreamController).handled).toBe(0);
  });
});
