import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseChannelRegistry, type SseEvent, SseJobs, type SseModuleOptions } from '@nestcast/sse';
import { ManualClock, rawRequest } from '@nestcast/testing';
import { Controller, Param, RequestMethod } from '@nestjs/common';
import { of } from 'rxjs';
import { nextClose, nextOpen } from './support/lifecycle.js';
import { answerOf, openPoll, waitingPoll } from './support/long-polls.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { parseResponse } from './support/raw-response.js';

@Controller()
class PolledController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('news')
  news() {
    return ['news', 'sports'];
  }

  @SseChannel('ask', { method: RequestMethod.POST })
  ask() {
    return 'news';
  }

  @SseChannel('jobs/:id')
  job(@Param('id') id: string) {
    return this.channels.channel(`job/${id}`).fromStart();
  }

  @SseChannel('private')
  private() {
    return of<SseEvent>({ data: 'for you alone' });
  }
}

const pollText = (place: string | undefined): string =>
  `GET /news HTTP/1.1\r\nHost: x\r\nPrefer: wait=20\r\nLast-Event-ID: ${place}\r\n\r\n`;

describe.each(adapters)('a long poll on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}, clock?: ManualClock): Promise<void> {
    app = await startApp(adapter, { controllers: [PolledController], sse, ...(clock && { clock }) });
  }

  const seen = (): Promise<string> => app.channels.publish('news', { data: 'seen' });

  const only = { controls: ['sse:connected'] };

  it('has what came after its place, and lets the socket be used for the next', async () => {
    await start();
    const ids = [await seen(), await app.channels.publish('news', { data: '1' })];
    const exchange = rawRequest({ port: app.port, text: pollText(ids[0]) });
    await exchange.readUntil('\r\n0\r\n\r\n');
    const first = parseResponse(exchange.bytes);
    expect(first.headers).toMatchObject({
      'preference-applied': 'wait=20',
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      connection: 'keep-alive',
    });
    const [hint, connected, primed, ...rest] = first.body.toString().split('\n\n');
    expect([hint, connected]).toEqual([
      expect.stringMatching(/^retry: \d+$/),
      expect.stringMatching(/^event: sse:connected\ndata: \{"connectionId":"[^"]+","heartbeatMs":15000\}$/),
    ]);
    expect([primed, ...rest]).toEqual([`id: ${ids[0]}`, `id: ${ids[1]}\ndata: 1`, `id: ${ids[1]}`, '']);
    const opened = nextOpen(app);
    exchange.write(pollText(ids[1]));
    await opened;
    const next = await app.channels.publish('sports', { data: '2' });
    await exchange.readUntil((all) => all.split('\r\n0\r\n\r\n').length === 3);
    const second = parseResponse(parseResponse(exchange.bytes).rest);
    expect(second.body.toString()).toContain(`id: ${next}\ndata: 2\n\n`);
    expect([second.complete, second.rest.length]).toEqual([true, 0]);
    exchange.destroy();
  });

  it('waits, and is answered by what is published in one turn', async () => {
    await start();
    const closed = nextClose(app);
    const stream = await waitingPoll(app, await seen());
    const ids = await Promise.all(
      ['news', 'sports', 'news'].map((channel, data) => app.channels.publish(channel, { data })),
    );
    expect(await answerOf(stream)).toEqual({ ...only, data: ['0', '1', '2'], place: ids[2] });
    expect(await closed).toBe('answered');
    expect(app.logger.closes).toMatchObject([{ reason: 'answered', messages: 3, channels: 2 }]);
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, closes: { answered: 1 } });
  });

  it.each([
    ['as long as it likes', 'wait=10', 10],
    ['as long as the module lets it', 'respond-async, WAIT="3600"', 25],
  ])('waits %s, and moves on', async (_what, prefer, seconds) => {
    const clock = new ManualClock();
    await start({ heartbeat: { intervalMs: 60_000 } }, clock);
    const before = await seen();
    const elsewhere = await app.channels.publish('elsewhere', { data: 'not for it' });
    const stream = await waitingPoll(app, before, { prefer });
    expect(stream.headers['preference-applied']).toBe(`wait=${seconds}`);
    clock.advance(seconds * 1_000 - 1);
    expect(app.channels.connections()).toHaveLength(1);
    clock.advance(1);
    expect(await answerOf(stream)).toEqual({ ...only, data: [], place: elsewhere });
  });

  it('is answered at once where it has no place yet, or is not to wait', async () => {
    await start();
    const place = await seen();
    for (const [lastEventId, prefer] of [
      ['', 'wait=20'],
      [place, 'wait=0'],
    ] as const) {
      const stream = await openPoll(app, lastEventId, { prefer });
      expect(stream.headers['preference-applied']).toBe(prefer);
      expect(await answerOf(stream)).toEqual({ ...only, data: [], place });
    }
  });

  it('has the whole of a job, and stops with it', async () => {
    await start();
    await app.app.get(SseJobs).start('job/1', of({ data: 'a' }, { data: 'b' })).done;
    const first = await answerOf(await openPoll(app, '', { path: '/jobs/1' }));
    expect(first).toMatchObject({ data: ['a', 'b'], controls: ['sse:connected', 'sse:goodbye'] });
    const second = await openPoll(app, first.place, { path: '/jobs/1' });
    expect([second.status, second.headers['preference-applied']]).toEqual([204, undefined]);
  });

  it('tells a gap, and what the log still has', async () => {
    await start({ history: { maxEvents: 2 } });
    const place = await seen();
    for (const data of ['1', '2', '3']) {
      await app.channels.publish('news', { data });
    }
    const stream = await openPoll(app, place);
    expect(await stream.control('sse:gap')).toMatchObject({ reason: 'trimmed', channels: ['news'] });
    expect((await answerOf(stream)).data).toEqual(['2', '3']);
  });

  it('loses and doubles nothing, asked again and again while events are published', async () => {
    await start();
    const count = 1_000;
    let { place } = await answerOf(await openPoll(app, ''));
    const publishing = (async () => {
      for (let data = 0; data < count; data += 1) {
        await app.channels.publish(data % 3 === 0 ? 'sports' : 'news', { data });
        if (data % 10 === 0) {
          await new Promise(setImmediate);
        }
      }
    })();
    const all: string[] = [];
    let polls = 0;
    while (all.length < count) {
      const answer = await answerOf(
        await openPoll(app, place, { prefer: polls % 2 === 0 ? 'wait=20' : 'wait=0' }),
      );
      all.push(...answer.data);
      place = answer.place;
      polls += 1;
    }
    await publishing;
    expect(all).toEqual(Array.from({ length: count }, (_, data) => String(data)));
    expect(polls).toBeGreaterThan(2);
  });

  it('is what any method of a channel can be, compressed as any stream', async () => {
    await start({ compression: { encodings: ['gzip'], thresholdBytes: 0 } });
    const place = await seen();
    const data = 'again and '.repeat(100);
    const id = await app.channels.publish('news', { data });
    const stream = await openPoll(app, place, {
      path: '/ask',
      method: 'POST',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(stream.headers).toMatchObject({ 'content-encoding': 'gzip', 'preference-applied': 'wait=20' });
    expect(await answerOf(stream)).toEqual({ ...only, data: [data], place: id });
    expect(stream.rawBytes().length).toBeLessThan(500);
  });

  it.each([
    [undefined, 'Preference-Applied'],
    [['X-Page'], 'X-Page, Preference-Applied'],
    [['*'], '*, Preference-Applied'],
    [['preference-applied'], 'preference-applied'],
  ])('lets pages of another origin see what it is, beside %s', async (exposedHeaders, told) => {
    app = await startApp(adapter, {
      controllers: [PolledController],
      configure: (nest) => nest.enableCors({ origin: true, ...(exposedHeaders && { exposedHeaders }) }),
    });
    const origin = { origin: 'http://page.test' };
    const poll = await openPoll(app, '', { headers: origin });
    expect(poll.headers['access-control-expose-headers']).toBe(told);
    const stream = await app.open('/news', { headers: origin });
    expect(stream.headers['access-control-expose-headers']).toBe(exposedHeaders?.join());
  });

  it('ends with the connection where there are no chunks', async () => {
    await start();
    await seen();
    const exchange = rawRequest({ port: app.port, text: 'GET /news HTTP/1.0\r\nPrefer: wait=20\r\n\r\n' });
    await exchange.closed;
    const { headers, body } = parseResponse(exchange.bytes);
    expect(headers).toMatchObject({ 'preference-applied': 'wait=20', connection: 'close' });
    expect(body.toString()).toMatch(/\n\nid: \S+\n\n$/);
  });

  it.each([
    ['where the module has none', 'wait=20', '/news', { longPoll: { maxWaitMs: 0 } }],
    ['without a time', 'wait, respond-async', '/news', {}],
    ['of a private stream', 'wait=0', '/private', {}],
  ])('is a stream %s', async (_what, prefer, path, sse) => {
    await start(sse);
    const stream = await openPoll(app, '', { prefer, path });
    expect(stream.headers).not.toHaveProperty('preference-applied');
    await stream.connectionId();
    await app.channels.publish('news', { data: 'for you alone' });
    expect((await stream.next()).data).toBe('for you alone');
    if (path === '/news') {
      await app.channels.publish('news', { data: 'and more' });
      expect((await stream.next()).data).toBe('and more');
    }
  });
});
