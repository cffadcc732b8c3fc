import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LastEventId, SseChannel } from '@nestcast/sse';
import { rawRequest } from '@nestcast/testing';
import { Controller, Get } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller()
class NewsController {
  readonly asked: (string | undefined)[] = [];

  @SseChannel('news')
  news(@LastEventId() id: string | undefined) {
    this.asked.push(id);
    return 'news';
  }

  @Get('plain')
  plain() {
    return 'plain answer';
  }
}

const query = (id: string): string => `/news?lastEventId=${encodeURIComponent(id)}`;
const evil = 'evil\n\nevent: evil\ndata: evil\n\n';

describe.each(adapters)('the Last-Event-ID on %s [W5]', (adapter) => {
  let app: TestApp;
  let ids: [string, string, string];
  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
    ids = [
      await app.channels.publish('news', { data: 'one' }),
      await app.channels.publish('news', { data: 'two' }),
      await app.channels.publish('news', { data: 'three' }),
    ];
  });
  afterEach(() => app.close());

  it('is read from the header', async () => {
    const stream = await app.open('/news', { lastEventId: ids[0] });
    expect(await stream.take(2)).toMatchObject([
      { data: 'two', id: ids[1] },
      { data: 'three', id: ids[2] },
    ]);
    expect(stream.frames[2]?.text).toBe(`id: ${ids[0]}\n\n`);
  });

  it('is read from the query', async () => {
    const stream = await app.open(`/news?a=1&lastEventId=${ids[1]}&b=2`);
    expect(await stream.next()).toMatchObject({ data: 'three', id: ids[2] });
  });

  it('is read from the header where both are there', async () => {
    const stream = await app.open(query(ids[0]), { lastEventId: ids[1] });
    expect(await stream.next()).toMatchObject({ data: 'three', id: ids[2] });
    expect(app.app.get(NewsController).asked).toEqual([ids[1]]);
  });

  it.each([
    ['neither is there', '/news', {}],
    ['the header is empty', '/news', { 'last-event-id': '' }],
    ['the query is empty', '/news?lastEventId=', {}],
    ['both are empty', '/news?lastEventId', { 'last-event-id': '' }],
  ])('is none where %s', async (_what, path, headers) => {
    const stream = await app.open(path, { headers });
    await stream.connectionId();
    const id = await app.channels.publish('news', { data: 'live' });
    expect(await stream.next()).toMatchObject({ data: 'live', id });
    expect(stream.received.map(({ type }) => type)).not.toContain('sse:gap');
    expect(app.app.get(NewsController).asked).toEqual([undefined]);
  });

  it('of the newest event replays nothing and tells no gap', async () => {
    const stream = await app.open('/news', { lastEventId: ids[2] });
    await stream.connectionId();
    const id = await app.channels.publish('news', { data: 'live' });
    expect(await stream.next()).toMatchObject({ data: 'live', id });
    expect(stream.received).toHaveLength(2);
  });

  const hostile: [string, (ofThisLife: string) => string, 'unknown-id' | 'epoch'][] = [
    ['now', () => 'now', 'unknown-id'],
    ['start', () => 'start', 'unknown-id'],
    ['a number', () => '1', 'unknown-id'],
    ['a wildcard', () => '*', 'unknown-id'],
    ['a property of objects', () => '__proto__', 'unknown-id'],
    ['another life of the log', () => 'other.1', 'epoch'],
    ['the future', (id) => id.replace(/\d+$/, '9007199254740991'), 'unknown-id'],
    ['more than a number holds', (id) => id.replace(/\d+$/, '99999999999999999999'), 'unknown-id'],
    ['a leading zero', (id) => id.replace(/\d+$/, '01'), 'unknown-id'],
    ['a negative place', (id) => id.replace(/\d+$/, '-1'), 'unknown-id'],
    ['something after it', (id) => `${id};x`, 'unknown-id'],
    ['12 KB', () => 'evil'.repeat(3_000), 'unknown-id'],
    ['markup', () => '<script>evil()</script>', 'unknown-id'],
  ];

  it.each(hostile)('that is hostile tells a gap and echoes nothing: %s', async (_what, make, reason) => {
    const id = make(ids[0]);
    const byQuery = app.open(query(id));
    const byHeader = app.open('/news', { lastEventId: id });
    for (const stream of await Promise.all([byQuery, byHeader])) {
      expect(stream.status).toBe(200);
      expect(await stream.control('sse:gap')).toEqual({ reason, channels: ['news'], id: ids[2] });
      expect((await stream.take(3)).map(({ data }) => data)).toEqual(['one', 'two', 'three']);
      expect(stream.rawBytes().toString()).not.toContain('evil');
      expect(stream.frames.map(({ text }) => text)).not.toContain(`id: ${id}\n\n`);
      expect(stream.lastEventId).toBe(ids[2]);
    }
  });

  it.each([
    ['LF', evil],
    ['CR', evil.replaceAll('\n', '\r')],
    ['CRLF', evil.replaceAll('\n', '\r\n')],
    ['NUL', 'evil\0evil'],
    ['a line break after a good id', `GOOD\n\n${evil}`],
    ['letters of no header', 'ž€😀evil'],
    ['broken UTF-8', '%ff%feevil'],
  ])('with %s in the query writes nothing of it', async (_what, text) => {
    const id = text.replace('GOOD', ids[0]);
    const stream = await app.open(id.startsWith('%') ? `/news?lastEventId=${id}` : query(id));
    expect(await stream.control('sse:gap')).toMatchObject({ reason: 'unknown-id' });
    await stream.take(3);
    expect(stream.rawBytes().toString()).not.toContain('evil');
    expect(stream.frames.flatMap(({ fields }) => fields.map(({ name }) => name)).sort()).toEqual(
      ['retry', 'event', 'data', 'event', 'data', 'id', 'data', 'id', 'data', 'id', 'data'].sort(),
    );
  });

  it('of 100 KB is turned away, and the server goes on', async () => {
    const long = 'x'.repeat(100_000);
    for (const head of [
      `GET ${query(long)} HTTP/1.1\r\n`,
      `GET /news HTTP/1.1\r\nLast-Event-ID: ${long}\r\n`,
    ]) {
      const exchange = rawRequest({ port: app.port, text: `${head}Host: x\r\n\r\n` });
      await exchange.closed;
      // Node.js's own limit; a client that still writes may see a reset before the answer.
      expect(exchange.text).toMatch(/^$|^HTTP\/1\.1 431 /);
    }
    expect(app.channels.stats()).toMatchObject({ opens: 0, connections: 0 });
    expect(await (await app.open('/plain')).body()).toBe('plain answer');
  });

  it('given twice is none that could be read', async () => {
    const exchange = rawRequest({
      port: app.port,
      text: `GET /news HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${ids[0]}\r\nLast-Event-ID: evil\r\n\r\n`,
    });
    await exchange.readUntil('data: three\n\n');
    expect(exchange.text).toContain('"reason":"unknown-id"');
    expect(exchange.text).not.toContain('evil');
    exchange.destroy();
  });
});
