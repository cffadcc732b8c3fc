import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LocalServer, openStream } from './local-server.fixture.js';
import { openSse, type SseRequestOptions } from './sse-request.js';
import type { SseStream } from './sse-stream.js';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

describe('openSse', () => {
  let server: LocalServer | undefined;
  const open = async (handler: Handler, options?: SseRequestOptions): Promise<SseStream> => {
    server = await LocalServer.start((request, response) => handler(response, request));
    return openSse(server.url, options);
  };
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('dispatches events as WHATWG says', async () => {
    const stream = await open(
      pieces('data: a\n\nid: 7\n\nevent: x\ndata: b\ndata: c\n\nid: 8\ndata:\n\nevent: none\n\n: end\n\n'),
    );
    expect(await stream.take(3)).toEqual([
      { type: 'message', data: 'a', id: '', receivedAt: expect.any(Number) },
      { type: 'x', data: 'b\nc', id: '7', receivedAt: expect.any(Number) },
      { type: 'message', data: '', id: '8', receivedAt: expect.any(Number) },
    ]);
    expect(stream.status).toBe(200);
    expect(stream.httpVersion).toBe('1.1');
    expect(stream.rawHeaders).toContain('text/event-stream; charset=utf-8');
  });

  it('remembers the id of a frame without data, and the one it came with', async () => {
    const stream = await open(pieces('data: a\n\n', 'id: 9\n\n'), { lastEventId: '5' });
    expect(await stream.next()).toMatchObject({ data: 'a', id: '5' });
    await stream.nextFrame();
    await stream.nextFrame();
    expect(stream.lastEventId).toBe('9');
  });

  it('reads a stream that is cut anywhere, even within a character', async () => {
    const text = 'event: ž\nid: 1\ndata: kůň 🐎\n\nretry: 10\n\ndata: x\n\n';
    const bytes = Buffer.from(text);
    const stream = await open(pieces(...Array.from(bytes, (byte) => Buffer.of(byte))));
    expect(await stream.next()).toMatchObject({ type: 'ž', data: 'kůň 🐎', id: '1' });
    expect(await stream.next()).toMatchObject({ data: 'x' });
    expect(stream.frames.map((frame) => frame.text).join('')).toBe(text);
    expect(stream.rawBytes()).toEqual(bytes);
  });

  it('reads events, frames and control events apart from each other', async () => {
    const connected = 'event: sse:connected\ndata: {"connectionId":"c1"}\n\n';
    const gap = 'event: sse:gap\ndata: {"reason":"epoch"}\n\n';
    const stream = await open(pieces(`${connected}data: 1\n\n${gap}data: 2\n\n${gap}`));
    expect((await stream.take(2)).map(({ data }) => data)).toEqual(['1', '2']);
    expect(await stream.connectionId()).toBe('c1');
    expect(await stream.control('sse:gap')).toEqual({ reason: 'epoch' });
    expect(await stream.control('sse:gap')).toEqual({ reason: 'epoch' });
    expect((await stream.nextFrame()).text).toBe(connected);
    expect((await stream.next({ control: true })).type).toBe('sse:gap');
    await expect(stream.control('sse:gap', { timeoutMs: 5 })).rejects.toThrow('No "sse:gap" within 5 ms');
  });

  it('gives parallel waits one event each', async () => {
    const stream = await open(pieces('data: 1\n\n', 'data: 2\n\n'));
    const events = await Promise.all([stream.next(), stream.next()]);
    expect(events.map(({ data }) => data)).toEqual(['1', '2']);
  });

  it('says on a timeout what it has got instead', async () => {
    const stream = await open(pieces(': only a comment\n\ndata: half'), { timeoutMs: 60 });
    await expect(stream.next()).rejects.toThrow(
      /No event within 60 ms\. Status 200, open, 0 events and 1 frames received, .*only a comment.*unfinished "data: half"/,
    );
  });

  it('tells a clean end from a cut', async () => {
    const ending = await open((response) => {
      openStream(response);
      response.end('data: last\n\n');
    });
    expect(await ending.ended).toBe('end');
    expect(await ending.next()).toMatchObject({ data: 'last' });
    await expect(ending.next()).rejects.toThrow('The stream ended without another event');
    await server?.stop();

    const cut = await open((response) => {
      openStream(response);
      response.write('data: last\n\n', () => response.destroy());
    });
    expect(await cut.ended).toBe('aborted');
    expect(await cut.next()).toMatchObject({ data: 'last' });
    await expect(cut.nextFrame()).resolves.toMatchObject({ text: 'data: last\n\n' });
    await expect(cut.nextFrame()).rejects.toThrow('ended without another frame. Status 200, aborted');
  });

  it('tells watchers of all there is, up to the end', async () => {
    const stream = await open((response) => {
      openStream(response);
      response.end('data: 1\n\nid: 2\n\n');
    });
    const seen: string[] = [];
    stream.watch(() => seen.push(`${stream.received.length} events, id ${stream.lastEventId}`));
    await stream.ended;
    expect(seen.at(-1)).toBe('1 events, id 2');
  });

  it.each([
    ['gzip', (): zlib.Gzip => zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH })],
    [
      'br',
      (): zlib.BrotliCompress => zlib.createBrotliCompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
    ],
  ])('decodes %s while it streams, and shows a cut of it', async (encoding, encoder) => {
    const cut = new Deferred();
    const stream = await open((response) => {
      openStream(response, { 'content-encoding': encoding });
      const compress = encoder();
      compress.pipe(response);
      compress.write('data: ž1\n\n');
      void cut.promise.then(() => response.destroy());
    });
    expect(await stream.next()).toMatchObject({ data: 'ž1' });
    expect(stream.rawBytes().includes('data')).toBe(encoding === 'br');
    cut.resolve();
    expect(await stream.ended).toBe('aborted');
  });

  it('decodes gzip to its end', async () => {
    const stream = await open((response) => {
      openStream(response, { 'content-encoding': 'gzip' });
      response.end(zlib.gzipSync('data: 1\n\n'));
    });
    expect(await stream.ended).toBe('end');
    expect(stream.received).toHaveLength(1);
    expect(zlib.gunzipSync(stream.rawBytes()).toString()).toBe('data: 1\n\n');
  });

  it('reports bytes that cannot be decoded', async () => {
    const stream = await open((response) => {
      openStream(response, { 'content-encoding': 'gzip' });
      response.write('data: plain\n\n');
    });
    await expect(stream.next()).rejects.toThrow('The body is not valid gzip');
  });

  it('refuses an encoding it does not know', async () => {
    const opening = open((response) => openStream(response, { 'content-encoding': 'compress' }));
    await expect(opening).rejects.toThrow('content encoding "compress"');
  });

  it('sends what an EventSource or a fetch would', async () => {
    const stream = await open(
      (response, request) => {
        let body = '';
        request.on('data', (chunk) => (body += String(chunk)));
        request.on('end', () =>
          response.end(JSON.stringify({ method: request.method, headers: request.headers, body })),
        );
      },
      { body: { a: 1 }, lastEventId: 'e.1', headers: { Accept: undefined, 'X-One': '1' } },
    );
    expect(JSON.parse(await stream.body())).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: {
        'content-type': 'application/json',
        'last-event-id': 'e.1',
        'x-one': '1',
        connection: 'keep-alive',
      },
    });
    expect(JSON.parse(await stream.body()).headers.accept).toBeUndefined();
  });

  it('closes its connection after a response, though it asked for keep-alive', async () => {
    const stream = await open((response) => response.writeHead(204).end());
    expect(stream.status).toBe(204);
    expect(await stream.body()).toBe('');
    await stream.abort();
  });

  it('takes a HEAD with a content encoding and no body', async () => {
    const stream = await open((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(), {
      method: 'HEAD',
    });
    expect(await stream.ended).toBe('end');
  });

  it.each([false, true])('drops the connection on abort (reset: %s)', async (reset) => {
    const { promise, resolve } = new Deferred();
    const stream = await open((response) => {
      openStream(response);
      response.on('close', resolve);
    });
    await stream.abort({ reset });
    expect(await stream.ended).toBe('aborted');
    await promise;
    await stream.abort();
  });

  it('is aborted by its signal', async () => {
    const controller = new AbortController();
    const stream = await open((response) => openStream(response), { signal: controller.signal });
    controller.abort();
    expect(await stream.ended).toBe('aborted');
  });

  it('rejects when nobody answers', async () => {
    const stopped = await LocalServer.start(() => undefined);
    await stopped.stop();
    await expect(openSse(stopped.url)).rejects.toThrow(/No response from .*ECONNREFUSED/);
  });

  it('makes the server feel a stalled client, and reads on after it', async () => {
    const { promise: stalled, resolve: onStalled } = new Deferred();
    const line = `data: ${'x'.repeat(65_530)}\n\n`;
    let lines = 0;
    const stream = await open((response) => {
      openStream(response);
      const pump = (): void => {
        while (lines < 400) {
          lines += 1;
          if (!response.write(line)) {
            response.once('drain', pump);
            return;
          }
        }
        response.end();
      };
      response.setTimeout(150, onStalled);
      pump();
    });
    stream.pause();
    await stalled;
    expect(lines).toBeLessThan(400);
    stream.resume();
    expect(await stream.ended).toBe('end');
    expect(stream.received).toHaveLength(400);
  });
});

/** Sends a stream in the given pieces, each in a packet of its own. */
const pieces =
  (...parts: (string | Buffer)[]): Handler =>
  async (response) => {
    openStream(response);
    for (const part of parts) {
      await new Promise((written) => response.write(part, written));
      await nextTurn();
    }
  };

/** A promise that is resolved from outside. */
class Deferred {
  readonly promise: Promise<void>;
  resolve: () => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}
