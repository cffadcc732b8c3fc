import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseModuleOptions } from '@nestcast/sse';
import { type SseStream, rawRequest } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { filter, firstValueFrom, fromEvent, scan } from 'rxjs';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { median } from './support/median.js';
import { parseResponse } from './support/raw-response.js';

const run = promisify(execFile);
const PROMPT_MS = 100;
const zstd = 'createZstdDecompress' in zlib;
const repetitive = (count: number): string => 'the same words again '.repeat(count);

/** What a browser can show of a gzip body that hasn't ended. */
const gunzippedSoFar = (body: Buffer): string =>
  zlib.gunzipSync(body, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();

/** Checks the whole body with the strictest readers there are: trailer, CRC and length. */
async function expectWhole(stream: SseStream): Promise<void> {
  expect(await stream.ended).toBe('end');
  const text = stream.frames.map((frame) => frame.text).join('');
  expect(zlib.gunzipSync(stream.rawBytes()).toString()).toBe(text);
  const test = run('gzip', ['--test', '--verbose']);
  test.child.stdin?.end(stream.rawBytes());
  await expect(test).resolves.toMatchObject({ stderr: expect.stringContaining('OK') });
}

@Controller('news')
class NewsController {
  @SseChannel()
  news() {
    return 'news';
  }
}

describe.each(adapters)('compression on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (sse: SseModuleOptions = {}): Promise<void> => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      sse: { compression: { encodings: ['gzip'] }, ...sse },
    });
  };

  const open = async (acceptEncoding: string | undefined, lastEventId?: string): Promise<SseStream> => {
    const stream = await app.open('/news', { headers: { 'accept-encoding': acceptEncoding }, lastEventId });
    await stream.connectionId();
    return stream;
  };

  it.each([
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['GZIP', 'gzip'],
    ['*', 'gzip'],
    ['br, gzip;q=0.1', 'gzip'],
    ['gzip;q=0.5, identity;q=0.5', 'gzip'],
    ['gzip, *;q=0', 'gzip'],
    ['identity;q=0, gzip;q=0.001', 'gzip'],
    ['identity;q=0, *', 'gzip'],
    ['*;q=0, gzip', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, *', undefined],
    ['gzip;q=0.5, identity', undefined],
    ['identity', undefined],
    ['deflate, br', undefined],
    ['*;q=0', undefined],
    // Nothing is left: better as it is than not at all.
    ['identity;q=0', undefined],
    ['gzip;q=0, identity;q=0', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('answers Accept-Encoding %p with %p', async (acceptEncoding, coding) => {
    await start();
    const stream = await open(acceptEncoding);
    expect(stream.headers['content-encoding']).toBe(coding);
    expect(stream.headers.vary).toBe('Accept-Encoding');
    await app.channels.publish('news', { data: repetitive(50) });
    expect((await stream.next()).data).toBe(repetitive(50));
    expect(stream.rawBytes().includes(repetitive(50))).toBe(coding === undefined);
  });

  it.each([
    ['Origin', 'Origin, Accept-Encoding'],
    ['accept-encoding, Origin', 'accept-encoding, Origin'],
    ['*', '*'],
  ])('makes of a present Vary %p %p', async (present, vary) => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      sse: { compression: {} },
      configure: (nest) => {
        nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
          response.setHeader('Vary', present);
          next();
        });
      },
    });
    expect((await open('gzip')).headers.vary).toBe(vary);
  });

  it('is off unless the module or the route says so, and then says nothing of it', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const stream = await open('gzip');
    expect(stream.headers).not.toHaveProperty('content-encoding');
    expect(stream.headers).not.toHaveProperty('vary');
  });

  it('uses zstd where Node.js has it, and sends it to nobody where not', async () => {
    await start({ compression: { encodings: ['zstd', 'gzip'], thresholdBytes: 0 } });
    const stream = await open('zstd');
    await stream.connectionId();
    expect(stream.headers['content-encoding']).toBe(zstd ? 'zstd' : undefined);
    expect((await open('gzip, zstd')).headers['content-encoding']).toBe(zstd ? 'zstd' : 'gzip');
    await app.channels.publish('news', { data: repetitive(50) });
    expect((await stream.next()).data).toBe(repetitive(50));
  });

  it.each([
    ['stored', 1_000_000],
    ['compressed', 0],
  ])('lets every event out at once: %s', async (_how, thresholdBytes) => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes } });
    const stream = await open('gzip');
    const delays: number[] = [];
    for (let data = 0; data < 50; data += 1) {
      const publishedAt = performance.now();
      await app.channels.publish('news', { data });
      const event = await stream.next();
      expect(event.data).toBe(String(data));
      delays.push(event.receivedAt - publishedAt);
    }
    expect(median(delays)).toBeLessThan(PROMPT_MS);
    await app.channels.disconnect({ channel: 'news' });
    await expectWhole(stream);
  });

  it('stores what is below the threshold and compresses the rest', async () => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 600 } });
    const stream = await open('gzip');
    const short = repetitive(20);
    await app.channels.publish('news', { data: short });
    await stream.next();
    const stored = stream.rawBytes();
    expect(stored.includes(short)).toBe(true);

    const long = repetitive(100);
    await app.channels.publish('news', { data: long });
    expect((await stream.next()).data).toBe(long);
    const added = stream.rawBytes().length - stored.length;
    expect(added).toBeLessThan(long.length / 10);
    expect(stream.rawBytes().includes(repetitive(2), stored.length)).toBe(false);
    await app.channels.disconnect({ channel: 'news' });
    await expectWhole(stream);
  });

  it('carries text of every size and every letter, to several clients at different points', async () => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 512 } });
    const first = await open('gzip');
    const texts = [1, 511, 512, 65_535, 65_536, 300_000].map((length) =>
      'ž€😀x'.repeat(length).slice(0, length),
    );
    for (const text of texts) {
      await app.channels.publish('news', { data: text });
    }
    const second = await open('gzip');
    const late = await app.channels.publish('news', { data: 'for both' });
    expect((await first.take(texts.length + 1)).map(({ data }) => data)).toEqual([...texts, 'for both']);
    expect(await second.next()).toMatchObject({ data: 'for both', id: late });
    await app.channels.disconnect({ channel: 'news' });
    await Promise.all([expectWhole(first), expectWhole(second)]);
  });

  it('serves clients of different codings from one channel', async () => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 0 } });
    const streams = await Promise.all(
      ['gzip', 'identity', 'gzip;q=0.5, br', undefined].map((each) => open(each)),
    );
    const data = { text: repetitive(30) };
    const id = await app.channels.publish('news', { type: 'same', data });
    const events = await Promise.all(streams.map((stream) => stream.next()));
    for (const event of events) {
      expect(event).toMatchObject({ type: 'same', data: JSON.stringify(data), id });
    }
    expect(streams.map(({ headers }) => headers['content-encoding'])).toEqual([
      'gzip',
      undefined,
      'gzip',
      undefined,
    ]);
  });

  it('has heartbeats in it', async () => {
    await start({ heartbeat: { intervalMs: 50 } });
    const stream = await open('gzip');
    let beats = 0;
    while (beats < 3) {
      beats += (await stream.nextFrame()).comment === 'heartbeat' ? 1 : 0;
    }
    await app.channels.disconnect({ channel: 'news' });
    await expectWhole(stream);
  });

  it('resumes', async () => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 0 } });
    const stream = await open('gzip');
    await app.channels.publish('news', { data: 'seen' });
    await stream.next();
    await stream.abort();
    const missed = ['one', 'two', repetitive(40)];
    const ids = await Promise.all(missed.map((data) => app.channels.publish('news', { data })));
    const again = await open('gzip', stream.lastEventId);
    expect(await again.take(3)).toMatchObject(missed.map((data, index) => ({ data, id: ids[index] })));
    await app.channels.disconnect({ channel: 'news' });
    await expectWhole(again);
  });

  it.each([
    ['HTTP/1.0', 'GET /news HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n'],
    [
      'Connection: close',
      'GET /news HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n',
    ],
  ])('goes without chunks to %s', async (_what, text) => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 512 } });
    const opened = nextOpen(app);
    const exchange = rawRequest({ port: app.port, text });
    const connection = await opened;
    await exchange.readUntil('\r\n\r\n');
    for (const data of ['stored', repetitive(50), repetitive(100)]) {
      await app.channels.publish('news', { data });
      await exchange.readUntil(() =>
        gunzippedSoFar(parseResponse(exchange.bytes).body).endsWith(`data: ${data}\n\n`),
      );
    }
    connection.close();
    await exchange.closed;
    const { headers, body } = parseResponse(exchange.bytes);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', connection: 'close' });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(zlib.gunzipSync(body).toString()).toContain(`data: ${repetitive(100)}\n\nevent: sse:goodbye\n`);
  });

  it.each(['--http1.1', '--http1.0'])('is read by curl %s', async (version) => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 100 } });
    const opened = nextOpen(app);
    const curl = run('curl', [
      '--silent',
      '--show-error',
      '--no-buffer',
      '--compressed',
      version,
      `${app.url}/news`,
    ]);
    const connection = await opened;
    const { stdout: output } = curl.child;
    const read = firstValueFrom(
      fromEvent(output ?? new PassThrough(), 'data').pipe(
        scan((text, piece) => text + String(piece), ''),
        filter((text) => text.endsWith(`data: ${repetitive(50)}\n\n`)),
      ),
    );
    const id = await app.channels.publish('news', { data: 'short' });
    const last = await app.channels.publish('news', { data: repetitive(50) });
    await read;
    connection.close();
    const { stdout, stderr } = await curl;
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^retry: \d+\n\nevent: sse:connected\n/);
    expect(stdout).toContain(
      `id: ${id}\ndata: short\n\nid: ${last}\ndata: ${repetitive(50)}\n\nevent: sse:goodbye\n`,
    );
  });
});
