import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseEvent } from '@nestcast/sse';
import { rawRequest } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { nextOpen } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { parseResponse } from './support/raw-response.js';

@Controller()
class NewsController {
  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('own')
  async *own(): AsyncIterable<SseEvent> {
    yield { type: 'numbered', data: 'a', id: 'own-1' };
    yield { type: 'plain', data: 'b' };
  }
}

const fieldNames = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, line.indexOf(':')));

/** What each kind of event looks like on the wire, `ID` standing for its id. */
const frames: [string, SseEvent, string][] = [
  ['no type, no data', {}, 'id: ID\ndata: \n\n'],
  ['a string as it is', { type: 'a.b', data: 'text' }, 'event: a.b\nid: ID\ndata: text\n\n'],
  ['an empty string', { data: '' }, 'id: ID\ndata: \n\n'],
  ['a leading space', { data: ' x' }, 'id: ID\ndata:  x\n\n'],
  ['an object', { data: { a: [1, null], b: 'x\ny' } }, 'id: ID\ndata: {"a":[1,null],"b":"x\\ny"}\n\n'],
  ['null', { data: null }, 'id: ID\ndata: null\n\n'],
  ['a number', { data: 0 }, 'id: ID\ndata: 0\n\n'],
  ['false', { data: false }, 'id: ID\ndata: false\n\n'],
  ['LF', { data: 'a\nb' }, 'id: ID\ndata: a\ndata: b\n\n'],
  ['CRLF, CR and LF', { data: 'a\r\nb\rc\nd' }, 'id: ID\ndata: a\ndata: b\ndata: c\ndata: d\n\n'],
  ['line breaks at the ends', { data: '\na\n\n' }, 'id: ID\ndata: \ndata: a\ndata: \ndata: \n\n'],
  [
    'what looks like fields',
    { data: 'x\n\nid: 9\nevent: evil' },
    'id: ID\ndata: x\ndata: \ndata: id: 9\ndata: event: evil\n\n',
  ],
  ['other line separators', { data: 'a\u2028b\u0085c\vd' }, 'id: ID\ndata: a\u2028b\u0085c\vd\n\n'],
  ['NUL in the data', { data: 'a\0b' }, 'id: ID\ndata: a\0b\n\n'],
  ['letters of all lengths', { type: 'žluť', data: 'ž€😀' }, 'event: žluť\nid: ID\ndata: ž€😀\n\n'],
  ['a retry hint', { type: 'x', data: 1, retryMs: 0 }, 'event: x\nid: ID\nretry: 0\ndata: 1\n\n'],
];

describe.each(adapters)('the wire on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('opens with exactly: headers, retry, sse:connected, the priming id [W3]', async () => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      sse: { retry: { ms: 1_234, jitter: 0 } },
    });
    const before = await app.channels.publish('news', { data: 'before' });
    const opened = nextOpen(app);
    const exchange = rawRequest({
      port: app.port,
      text: 'GET /news HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n',
    });
    const { id: connectionId } = await opened;
    const id = await app.channels.publish('news', { type: 'first', data: 'event' });
    await exchange.readUntil('data: event\n\n');
    const { statusLine, headers, body } = parseResponse(exchange.bytes);
    exchange.destroy();

    expect(statusLine).toBe('HTTP/1.1 200 OK');
    // Of Node.js and Express: when, and by whom.
    const { date, 'x-powered-by': poweredBy, 'keep-alive': keepAlive, ...others } = headers;
    expect([date, poweredBy ?? 'Express', keepAlive]).toEqual([
      expect.any(String),
      'Express',
      expect.stringMatching(/^timeout=\d+$/),
    ]);
    expect(others).toEqual({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
      'transfer-encoding': 'chunked',
    });
    expect(body.toString()).toBe(
      'retry: 1234\n\n' +
        `event: sse:connected\ndata: {"connectionId":"${connectionId}","heartbeatMs":15000}\n\n` +
        `id: ${before}\n\n` +
        `event: first\nid: ${id}\ndata: event\n\n`,
    );
  });

  it('writes every kind of event as the standard has it, with LF only [W1]', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const stream = await app.open('/news');
    await stream.connectionId();
    const opening = stream.frames.length;
    const expected: string[] = [];
    for (const [, event, text] of frames) {
      const id = await app.channels.publish('news', event);
      expected.push(text.replace('ID', id));
    }
    await stream.take(frames.length);
    expect(stream.frames.slice(opening).map(({ text }) => text)).toEqual(expected);
  });

  it('writes what is published in one turn in order, whole and once', async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    const stream = await app.open('/news');
    await stream.connectionId();
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const ids = await Promise.all(numbers.map((data) => app.channels.publish('news', { data })));
    const events = await stream.take(numbers.length);
    expect(events.map(({ data }) => Number(data))).toEqual(numbers);
    expect(events.map(({ id }) => id)).toEqual(ids);
  });

  it('gives no id to ephemeral events, events to one client, heartbeats and control events [W2]', async () => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      sse: { heartbeat: { intervalMs: 40, visible: true } },
    });
    const stream = await app.open('/news');
    const connectionId = await stream.connectionId();
    const id = await app.channels.publish('news', { type: 'numbered', data: 1 });
    expect((await stream.next()).id).toBe(id);
    const from = stream.frames.length;

    expect(await app.channels.publish('news', { type: 'passing', ephemeral: true })).toBe('');
    expect(app.channels.send(connectionId, { type: 'alone' })).toBe(true);
    expect((await stream.take(2)).map(({ type }) => type).sort()).toEqual(['alone', 'passing']);
    await stream.control('sse:heartbeat');
    await app.channels.disconnect({ connectionId });
    await stream.control('sse:goodbye');

    const later = stream.frames.slice(from).map(({ text }) => fieldNames(text));
    expect(later.length).toBeGreaterThanOrEqual(4);
    expect(new Set(later.map(String))).toEqual(new Set(['event,data']));
    expect(stream.lastEventId).toBe(id);
  });

  it('keeps comments of a heartbeat out of the cursor [W2]', async () => {
    app = await startApp(adapter, { controllers: [NewsController], sse: { heartbeat: { intervalMs: 40 } } });
    const stream = await app.open('/news');
    await stream.connectionId();
    const { lastEventId } = stream;
    let frame = await stream.nextFrame();
    while (frame.comment === undefined) {
      frame = await stream.nextFrame();
    }
    expect(frame.text).toBe(': heartbeat\n\n');
    expect(stream.lastEventId).toBe(lastEventId);
  });

  it("writes a private stream's own ids, and none beside them [W2]", async () => {
    app = await startApp(adapter, {
      controllers: [NewsController],
      sse: { retry: { ms: 1_000, jitter: 0 } },
    });
    const stream = await app.open('/own');
    const connectionId = await stream.connectionId();
    expect(await stream.body()).toBe(
      'retry: 1000\n\n' +
        `event: sse:connected\ndata: {"connectionId":"${connectionId}","heartbeatMs":15000}\n\n` +
        'event: numbered\nid: own-1\ndata: a\n\n' +
        'event: plain\ndata: b\n\n' +
        'event: sse:goodbye\ndata: {"reason":"complete"}\n\n',
    );
  });
});
