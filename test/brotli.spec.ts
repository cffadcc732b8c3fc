import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseCompression, type SseEvent } from '@nestcast/sse';
import { whenOver } from '@nestcast/hub';
import { type SseStream, rawRequest } from '@nestcast/testing';
import { Controller, type INestApplication } from '@nestjs/common';
import compression from 'compression';
import { Subject, finalize } from 'rxjs';
import { type Deferred, deferred } from './support/deferred.js';
import { nextClose, nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { parseResponse } from './support/raw-response.js';
import { median } from './support/median.js';
import { standstill } from './support/standstill.js';

const run = promisify(execFile);
const PROMPT_MS = 100;
const FLOOD = 600;
const LONG = 'the same words again '.repeat(100);
const curlHasBrotli = execFileSync('curl', ['--version']).includes('brotli');
const br = { headers: { 'accept-encoding': 'br' } };

/** What a browser can show of a Brotli body that hasn't ended. */
const decodedSoFar = (body: Buffer): string =>
  brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH }).toString();

let source: Subject<SseEvent>;
let cleanedUp: Deferred;
let produced = 0;

@Controller()
@SseCompression({ encodings: ['br', 'gzip'] })
class StreamController {
  @SseChannel('subject')
  subject() {
    return source.pipe(finalize(() => cleanedUp.resolve()));
  }

  @SseChannel('gzip-first')
  @SseCompression({ encodings: ['gzip', 'br'] })
  gzipFirst() {
    return source;
  }

  /** Events that don't get smaller. */
  @SseChannel('flood')
  async *flood() {
    try {
      while (produced < FLOOD) {
        produced += 1;
        yield { data: `${produced} ${randomBytes(48 * 1024).toString('base64')}` };
      }
    } finally {
      cleanedUp.resolve();
    }
  }

  @SseChannel('three')
  async *three() {
    for (const data of ['one', LONG, 'žluťoučký 😀']) {
      yield { data };
    }
  }

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('only')
  @SseCompression({ encodings: ['br'] })
  only() {
    return 'news';
  }
}

/** Each is read before the next is produced: nothing may wait for more. */
async function expectLive(stream: SseStream): Promise<void> {
  await stream.connectionId();
  const delays: number[] = [];
  for (let data = 0; data < 20; data += 1) {
    const producedAt = performance.now();
    source.next({ data });
    const event = await stream.next();
    expect(event.data).toBe(String(data));
    delays.push(event.receivedAt - producedAt);
  }
  expect(median(delays)).toBeLessThan(PROMPT_MS);
  source.complete();
  expect(await stream.ended).toBe('end');
  expect(stream.decodeError).toBeUndefined();
  expect(stream.received.at(-1)?.type).toBe('sse:goodbye');
}

describe.each(adapters)('Brotli on %s', (adapter) => {
  let app: TestApp;

  const start = async (configure: (nest: INestApplication) => void = () => undefined): Promise<void> => {
    app = await startApp(adapter, { controllers: [StreamController], configure });
  };

  beforeEach(() => {
    source = new Subject();
    cleanedUp = deferred();
    produced = 0;
  });
  afterEach(() => app.close());

  it.each([
    ['/subject', 'br', 'br'],
    ['/subject', 'gzip, deflate, br, zstd', 'br'],
    ['/subject', '*', 'br'],
    ['/subject', 'br;q=0, *', 'gzip'],
    ['/subject', 'br;q=0.5, gzip;q=0.8', 'gzip'],
    ['/subject', 'br;q=0.5, identity', undefined],
    ['/subject', 'identity;q=0, br;q=0.001', 'br'],
    ['/subject', 'gzip', 'gzip'],
    ['/subject', '*;q=0', undefined],
    ['/subject', undefined, undefined],
    ['/gzip-first', 'br, gzip', 'gzip'],
    ['/gzip-first', 'br, gzip;q=0.9', 'br'],
    ['/news', 'br', undefined],
    ['/news', 'br, gzip;q=0.1', 'gzip'],
    ['/news', '*', 'gzip'],
    ['/news', 'identity;q=0, br', undefined],
  ])('answers %s with Accept-Encoding %p in %p', async (path, acceptEncoding, coding) => {
    await start();
    const stream = await app.open(path, { headers: { 'accept-encoding': acceptEncoding } });
    expect(stream.headers['content-encoding']).toBe(coding);
    expect(stream.headers.vary).toBe('Accept-Encoding');
    await stream.connectionId();
  });

  it('says nothing of it on a route of channels that offers nothing else', async () => {
    await start();
    const stream = await app.open('/only', br);
    expect(stream.headers).not.toHaveProperty('content-encoding');
    expect(stream.headers).not.toHaveProperty('vary');
    await stream.connectionId();
  });

  it('leaves the coding of HEAD open where it depends on what the handler returns', async () => {
    await start();
    for (const [acceptEncoding, told] of [
      ['br, gzip', undefined],
      ['gzip', 'gzip'],
    ]) {
      const headers = { 'accept-encoding': acceptEncoding };
      const head = await app.open('/news', { method: 'HEAD', headers });
      expect([head.headers['content-encoding'], head.headers.vary]).toEqual([told, 'Accept-Encoding']);
    }
  });

  it('lets every event out at once, and ends as a whole stream', async () => {
    await start();
    const stream = await app.open('/subject', br);
    await expectLive(stream);
    const text = stream.frames.map((frame) => frame.text).join('');
    expect(brotliDecompressSync(stream.rawBytes()).toString()).toBe(text);
  });

  it('counts compressed bytes', async () => {
    await start();
    const opened = nextOpen(app);
    const stream = await app.open('/three', br);
    const connection = await opened;
    expect(await stream.ended).toBe('end');
    expect(stream.received.map(({ data }) => data).slice(1, -1)).toEqual(['one', LONG, 'žluťoučký 😀']);
    await whenOver(connection.transport);
    expect(connection.bytes).toBeGreaterThanOrEqual(stream.rawBytes().length);
    expect(connection.bytes).toBeLessThan(LONG.length / 2);
    expect(app.channels.stats().bytes).toBe(connection.bytes);
  });

  it('pulls a generator no faster than its client reads', async () => {
    await start();
    const stream = await app.open('/flood', { ...br, timeoutMs: 20_000 });
    stream.pause();
    await standstill(() => produced);
    expect(produced).toBeLessThan(FLOOD / 2);
    stream.resume();
    const events = await stream.take(FLOOD);
    expect(events.map(({ data }) => Number(data.slice(0, data.indexOf(' '))))).toEqual(
      Array.from({ length: FLOOD }, (_, index) => index + 1),
    );
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
  }, 30_000);

  it.each(['/flood', '/subject'])('lets go of everything when its client leaves %s', async (path) => {
    await start();
    const opened = nextOpen(app);
    const closed = nextClose(app);
    const stream = await app.open(path, br);
    const { transport } = await opened;
    await stream.connectionId();
    stream.pause();
    source.next({ data: LONG });
    await stream.abort({ reset: true });
    expect(await closed).toBe('client');
    await Promise.all([cleanedUp.promise, whenOver(transport)]);
    expect(app.logger.errors).toEqual([]);
  });

  it.each([
    ['HTTP/1.0', 'HTTP/1.0\r\nHost: x'],
    ['Connection: close', 'HTTP/1.1\r\nHost: x\r\nConnection: close'],
  ])('goes without chunks to %s', async (_what, request) => {
    await start();
    const text = `GET /subject ${request}\r\nAccept-Encoding: br\r\n\r\n`;
    const exchange = rawRequest({ port: app.port, text });
    await exchange.readUntil('\r\n\r\n');
    for (const data of ['one', LONG, 'three']) {
      source.next({ data });
      await exchange.readUntil(() =>
        decodedSoFar(parseResponse(exchange.bytes).body).endsWith(`data: ${data}\n\n`),
      );
    }
    source.complete();
    await exchange.closed;
    const { headers, body } = parseResponse(exchange.bytes);
    expect(headers).toMatchObject({ 'content-encoding': 'br', connection: 'close' });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(brotliDecompressSync(body).toString()).toMatch(/data: three\n\nevent: sse:goodbye\n.*\n\n$/);
  });

  it.each(['br', 'gzip'])('is whole where requests are pipelined: %s', async (coding) => {
    await start();
    const get = `GET /three HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${coding}\r\n\r\n`;
    const exchange = rawRequest({ port: app.port, text: get + get });
    await exchange.readUntil((text) => text.split('\r\n0\r\n\r\n').length === 3);
    const first = parseResponse(exchange.bytes);
    const second = parseResponse(first.rest);
    expect([first.complete, second.complete, second.rest.length]).toEqual([true, true, 0]);
    for (const { headers, body } of [first, second]) {
      expect(headers['content-encoding']).toBe(coding);
      const text = (coding === 'br' ? brotliDecompressSync : gunzipSync)(body).toString();
      expect(text).toContain(`data: one\n\ndata: ${LONG}\n\ndata: žluťoučký 😀\n\nevent: sse:goodbye\n`);
    }
    exchange.destroy();
  });

  it('is compressed once behind compression, which would have', async () => {
    await start((nest) => nest.use(compression({ threshold: 0 })));
    const stream = await app.open('/subject', { headers: { 'accept-encoding': 'br, gzip' } });
    expect(stream.headers['content-encoding']).toBe('br');
    await expectLive(stream);
  });

  (curlHasBrotli ? it.each : it.skip.each)(['--http1.1', '--http1.0'])(
    'is read by curl %s',
    async (version) => {
      await start();
      const { stdout, stderr } = await run('curl', [
        '--silent',
        '--show-error',
        '--no-buffer',
        '--header',
        'Accept-Encoding: br',
        '--compressed',
        version,
        `${app.url}/three`,
      ]);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^retry: \d+\n\nevent: sse:connected\n/);
      expect(stdout).toContain(`data: one\n\ndata: ${LONG}\n\ndata: žluťoučký 😀\n\nevent: sse:goodbye\n`);
    },
  );
});
