import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub } from '@nestcast/hub';
import {
  type LimitOptions,
  type Refusal,
  type RefusalCause,
  SseChannel,
  SseConnectionLimit,
  SseError,
  type SseModuleOptions,
} from '@nestcast/sse';
import { type SseStream, rawRequest } from '@nestcast/testing';
import { Controller, Header, UseGuards } from '@nestjs/common';
import { gzipEverything } from './support/gzip-everything.js';
import { type AppSetup, type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

const RETRY_MS = 2_500;
const none: Record<RefusalCause, number> = {
  total: 0,
  perUser: 0,
  perIp: 0,
  perChannel: 0,
  opensPerMinute: 0,
  drain: 0,
  pressure: 0,
};

@Controller()
class StreamController {
  handled = 0;

  @SseChannel('news')
  @Header('X-From-Decorator', 'yes')
  @UseGuards(UserGuard)
  news() {
    this.handled += 1;
    return 'news';
  }

  // Nest runs the guards of the lower decorator first.
  @SseChannel('stop')
  @SseConnectionLimit({ perUser: 1, refusal: 'stop' })
  @UseGuards(UserGuard)
  stop() {
    this.handled += 1;
    return 'news';
  }

  @SseChannel('guard-first')
  @UseGuards(UserGuard)
  @SseConnectionLimit({ perIp: 1, refusal: 'stream' })
  guardFirst() {
    this.handled += 1;
    return 'news';
  }
}

const limits: [limit: RefusalCause & keyof LimitOptions, status: number][] = [
  ['total', 503],
  ['perUser', 429],
  ['perIp', 429],
  ['perChannel', 429],
  ['opensPerMinute', 429],
];

async function goodbyeOf(stream: SseStream): Promise<{ retryMs: number }> {
  expect(stream.status).toBe(200);
  expect(stream.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  const goodbye = (await stream.control('sse:goodbye')) as { retryMs: number };
  expect(await stream.ended).toBe('end');
  // Nothing but when to come back and the goodbye: no id, which would move its client's place.
  expect(stream.frames.map(({ text }) => text)).toEqual([
    `retry: ${goodbye.retryMs}\n\n`,
    `event: sse:goodbye\ndata: ${JSON.stringify(goodbye)}\n\n`,
  ]);
  return goodbye;
}

describe.each(adapters)('a refusal on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions, configure?: AppSetup['configure']): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { retry: { ms: RETRY_MS, jitter: 0 }, ...sse },
      ...(configure && { configure }),
    });
  }

  const open = (path = '/news', method = 'GET', headers: Record<string, string> = {}): Promise<SseStream> =>
    app.open(path, { method, headers: { ...as('ann').headers, ...headers } });
  const refusals = (): Record<RefusalCause, number> => app.channels.stats().refusals;
  const handled = (): number => app.app.get(StreamController).handled;

  describe.each(limits)('by %s', (limit, status) => {
    const ofOne = (refusal: Refusal): SseModuleOptions => ({
      limits: { [limit]: 1, refusal },
    });

    it(`as a status is ${status}, counted as this limit's alone`, async () => {
      await start(ofOne('status'));
      const first = await open();
      const second = await open();
      expect([first.status, second.status]).toEqual([200, status]);
      expect(JSON.parse(await second.body())).toMatchObject({ code: 'LIMIT_EXCEEDED', limit });
      expect(Number(second.headers['retry-after'])).toBeGreaterThanOrEqual(3);
      expect(refusals()).toEqual({ ...none, [limit]: 1 });
    });

    it('as a stream says goodbye and when to come back', async () => {
      await start(ofOne('stream'));
      await open();
      const goodbye = await goodbyeOf(await open());
      expect(goodbye).toEqual({ reason: 'server', limit, retryMs: expect.any(Number) });
      expect(goodbye.retryMs).toBeGreaterThanOrEqual(limit === 'opensPerMinute' ? 50_000 : RETRY_MS);
      expect(refusals()).toEqual({ ...none, [limit]: 1 });
      expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 1 });
    });

    it('that stops is 204', async () => {
      await start(ofOne('stop'));
      await open();
      const refused = await open();
      expect([refused.status, await refused.body()]).toEqual([204, '']);
      expect(refusals()).toEqual({ ...none, [limit]: 1 });
    });
  });

  it('holds no slot', async () => {
    await start({ limits: { perUser: 1, perIp: 1, total: 1, refusal: 'stream' } });
    const first = await open();
    await goodbyeOf(await open());
    await app.channels.disconnect({ userId: 'ann' });
    await first.ended;
    expect(await (await open()).connectionId()).toMatch(/-/);
  });

  it('is spread, so that those refused at once do not come back at once', async () => {
    await start({ limits: { total: 0, refusal: 'stream' }, retry: { ms: 1_000, jitter: 0.3 } });
    const goodbyes = await Promise.all(Array.from({ length: 20 }, async () => goodbyeOf(await open())));
    const retries = goodbyes.map(({ retryMs }) => retryMs);
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(700);
    expect(Math.max(...retries)).toBeLessThanOrEqual(1_300);
    expect(new Set(retries).size).toBeGreaterThan(10);
  });

  it("of a window's end is spread as well", async () => {
    await start({ limits: { opensPerMinute: 1, refusal: 'stream' }, retry: { ms: 60_000, jitter: 0 } });
    await open();
    const goodbyes = await Promise.all(Array.from({ length: 20 }, async () => goodbyeOf(await open())));
    const retries = goodbyes.map(({ retryMs }) => retryMs);
    // Over a retry hint's length, which is a minute here; the times at which they have come are not.
    expect(Math.max(...retries) - Math.min(...retries)).toBeGreaterThan(15_000);
  });

  it("is the route's own way before the module's, field by field", async () => {
    await start({ limits: { perUser: 1, perIp: 2, refusal: 'stream' } });
    expect((await open('/stop')).status).toBe(200);
    // Its own limit, its own way; then the module's limit, its own way.
    expect((await open('/stop')).status).toBe(204);
    await open('/news');
    expect((await open('/stop', 'GET', as('bob').headers)).status).toBe(204);
    await goodbyeOf(await open('/news'));
    expect(refusals()).toEqual({ ...none, perUser: 2, perIp: 1 });
  });

  it('runs no handler, and lets the other guards say no first', async () => {
    await start({});
    const first = await app.open('/guard-first', as('ann'));
    expect([first.status, handled()]).toEqual([200, 1]);
    expect((await app.open('/guard-first')).status).toBe(401);
    await goodbyeOf(await app.open('/guard-first', as('bob')));
    expect(handled()).toBe(1);
    // The one that had no right to be there was not refused by a limit.
    expect(refusals()).toEqual({ ...none, perIp: 1 });
  });

  it.each([
    ['status', 429, undefined],
    ['stream', 200, 'text/event-stream; charset=utf-8'],
    ['stop', 204, undefined],
  ] as const)('as %s answers HEAD with the headers alone', async (refusal, status, contentType) => {
    await start({ limits: { perUser: 1, refusal } });
    await open();
    const refused = await open('/news', 'HEAD');
    expect([refused.status, await refused.body()]).toEqual([status, '']);
    if (contentType !== undefined) {
      expect(refused.headers['content-type']).toBe(contentType);
    }
    expect(refusals()).toEqual({ ...none, perUser: 1 });
  });

  it.each(['stream', 'stop'] as const)('as %s has the headers that others have set', async (refusal) => {
    await start({ limits: { total: 0, refusal } }, (nest) => {
      nest.enableCors({ origin: ['https://example.org'], credentials: true });
    });
    const refused = await open('/news', 'GET', { origin: 'https://example.org' });
    expect(refused.headers).toMatchObject({
      'access-control-allow-origin': 'https://example.org',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    });
  });

  it('as a stream is plain, whatever coding is asked for', async () => {
    await start({ limits: { total: 0, refusal: 'stream' }, compression: { encodings: ['gzip'] } });
    const refused = await open('/news', 'GET', { 'accept-encoding': 'gzip' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    await goodbyeOf(refused);
  });

  it('as a stream goes through middleware that compresses', async () => {
    await start({ limits: { total: 0, refusal: 'stream' } }, (nest) => void nest.use(gzipEverything));
    const refused = await open();
    expect(refused.headers['content-encoding']).toBe('gzip');
    await goodbyeOf(refused);
  });

  it('as a stream ends with the connection on HTTP/1.0', async () => {
    await start({ limits: { total: 0, refusal: 'stream' } });
    const text = 'GET /news HTTP/1.0\r\nHost: x\r\nX-User: ann\r\n\r\n';
    const exchange = rawRequest({ port: app.port, text });
    await exchange.closed;
    const [head = '', body] = exchange.text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head.toLowerCase()).not.toContain('transfer-encoding');
    expect(body).toBe(
      `retry: ${RETRY_MS}\n\nevent: sse:goodbye\ndata: {"reason":"server","limit":"total","retryMs":${RETRY_MS}}\n\n`,
    );
  });

  it('of what accepts no stream is 406', async () => {
    await start({ limits: { total: 0, refusal: 'stream' } });
    expect((await open('/news', 'GET', { accept: 'application/json' })).status).toBe(406);
    expect(refusals()).toEqual(none);
  });

  it.each([
    ['status', 503, { limits: { refusal: 'status' } }],
    ['stream', 200, { limits: { refusal: 'stream' } }],
    ['stop', 204, { limits: { refusal: 'stop' } }],
    ['stream', 200, { limits: { refusal: 'stop' }, pressure: { refusal: 'stream' } }],
  ] as const)('under pressure is told as %s, before anything else is done', async (refusal, status, sse) => {
    await start(sse);
    app.app.get(Hub).assertAccepting = () => {
      throw new SseError('UNDER_PRESSURE', 'The node is short of memory.');
    };
    const refused = await open();
    expect([refused.status, handled()]).toEqual([status, 0]);
    if (refusal === 'stream') {
      expect(await goodbyeOf(refused)).toEqual({ reason: 'server', limit: 'pressure', retryMs: RETRY_MS });
    }
    expect(refused.headers['retry-after']).toBe(refusal === 'status' ? '3' : undefined);
    expect(refusals()).toEqual({ ...none, pressure: 1 });
  });
});
