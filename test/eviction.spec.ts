import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub } from '@nestcast/hub';
import {
  LastEventId,
  type LimitOptions,
  SseChannel,
  SseChannelRegistry,
  SseConnectionLimit,
  SseError,
  type SseEvent,
} from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller, UseGuards } from '@nestjs/common';
import { NEVER, type Observable, concat, of } from 'rxjs';
import { deferred } from './support/deferred.js';
import { LateLeases } from './support/late-leases.js';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

const RETURN_ID = 'sse:return';
let slow = deferred();
let entered = deferred();

@Controller()
@UseGuards(UserGuard)
class StreamController {
  /** The Last-Event-IDs that handlers have been told. */
  readonly asked: (string | undefined)[] = [];

  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('slow')
  async slow() {
    entered.resolve();
    await slow.promise;
    return 'news';
  }

  @SseChannel('history')
  history() {
    return this.channels.channel('history').fromStart();
  }

  @SseChannel('private')
  private(@LastEventId() id: string | undefined): Observable<SseEvent> {
    this.asked.push(id);
    return concat(of({ data: 'hello' }), NEVER);
  }

  @SseChannel('numbered')
  numbered(): Observable<SseEvent> {
    return concat(of({ data: 'hello', id: 'mine' }), NEVER);
  }

  @SseChannel('kept')
  @SseConnectionLimit({ policy: 'reject-new' })
  kept() {
    return 'news';
  }
}

@Controller()
class GuardFirstController {
  @SseChannel('guard-first')
  @UseGuards(UserGuard)
  @SseConnectionLimit({ perIp: 1, policy: 'evict-oldest' })
  guardFirst() {
    return 'news';
  }
}

const evicting: (keyof LimitOptions)[] = ['total', 'perUser', 'perIp', 'perChannel'];
const stores = ['this node', 'a late store'] as const;
const cases = adapters.flatMap((adapter) => stores.map((store) => [adapter, store] as const));

describe.each(cases)('evict-oldest on %s with the leases of %s', (adapter, store) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(limits: LimitOptions): Promise<void> {
    slow = deferred();
    entered = deferred();
    app = await startApp(adapter, {
      controllers: [StreamController, GuardFirstController],
      sse: {
        retry: { ms: 2_500, jitter: 0 },
        limits: { policy: 'evict-oldest', ...limits },
        ...(store === 'a late store' && { broker: new LateLeases().broker }),
      },
    });
  }

  const open = (path = '/news', lastEventId = '', user = 'ann'): Promise<SseStream> =>
    app.open(path, { ...as(user), lastEventId });
  const stats = () => app.channels.stats();

  /** One that is open, told so. */
  async function opened(...args: Parameters<typeof open>): Promise<SseStream> {
    const stream = await open(...args);
    await stream.connectionId();
    return stream;
  }

  it.each(evicting)('by %s closes the one that has been there for longest', async (limit) => {
    await start({ [limit]: 2 });
    const [first, second] = [await opened(), await opened()];
    const closed = nextClose(app);
    const third = await opened();
    expect(await first.control('sse:goodbye')).toEqual({ reason: 'server', limit });
    expect([await first.ended, await closed]).toEqual(['end', 'server']);
    expect(stats()).toMatchObject({ connections: 2, closes: { server: 1 }, refusals: { [limit]: 0 } });
    // The next is the second's turn.
    await opened();
    expect(await second.control('sse:goodbye')).toEqual({ reason: 'server', limit });
    await app.channels.publish('news', { data: 'still here' });
    expect((await third.next()).data).toBe('still here');
  });

  it('by opens a minute refuses', async () => {
    await start({ opensPerMinute: 1 });
    const first = await opened();
    expect((await open()).status).toBe(429);
    expect(stats()).toMatchObject({ connections: 1, refusals: { opensPerMinute: 1 } });
    await app.channels.publish('news', { data: 'still here' });
    expect((await first.next()).data).toBe('still here');
  });

  it('refuses one that comes back by itself, and not a page that is loaded anew', async () => {
    await start({ perUser: 1, refusal: 'stream' });
    const first = await opened();
    await opened();
    await first.ended;
    const back = await open('/news', first.lastEventId);
    expect(await back.control('sse:goodbye')).toMatchObject({ reason: 'server', limit: 'perUser' });
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 1 }, refusals: { perUser: 1 } });
    await opened(`/news?lastEventId=${first.lastEventId}`);
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 2 } });
  });

  it('evicts nobody for HEAD', async () => {
    await start({ perUser: 1 });
    await opened();
    expect((await app.open('/news', { ...as('ann'), method: 'HEAD' })).status).toBe(429);
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 0 } });
  });

  it('evicts nobody for a client that a later guard turns away', async () => {
    await start({});
    await opened('/guard-first');
    expect((await app.open('/guard-first')).status).toBe(401);
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 0 } });
    await opened('/guard-first', '', 'bob');
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 1 } });
  });

  it('evicts nobody for a node that takes nobody', async () => {
    await start({ perUser: 1 });
    await opened();
    app.app.get(Hub).assertAccepting = () => {
      throw new SseError('UNDER_PRESSURE', 'The node is short of memory.');
    };
    expect((await open()).status).toBe(503);
    expect(stats()).toMatchObject({ connections: 1, closes: { server: 0 } });
  });

  it('evicts nobody whose route keeps its connections', async () => {
    await start({ total: 2 });
    const kept = await opened('/kept', '', 'eve');
    const first = await opened();
    await opened();
    expect(await first.control('sse:goodbye')).toMatchObject({ limit: 'total' });
    expect((await open('/kept', '', 'eve')).status).toBe(503);
    await app.channels.publish('news', { data: 'still here' });
    expect((await kept.next()).data).toBe('still here');
  });

  it.each([
    ['status', 429],
    ['stream', 200],
    ['stop', 204],
  ] as const)('answers one that was on its way as %s says', async (refusal, status) => {
    await start({ perUser: 1, refusal });
    const first = open('/slow');
    await entered.promise;
    await opened();
    const evicted = await first;
    expect(evicted.status).toBe(status);
    if (refusal === 'stream') {
      expect(await evicted.control('sse:goodbye')).toMatchObject({ reason: 'server', limit: 'perUser' });
      // It comes back as one that has been there, and takes nobody's place.
      expect(evicted.lastEventId).toBe(RETURN_ID);
    }
    slow.resolve();
    expect(stats()).toMatchObject({ connections: 1, opens: 1, refusals: { perUser: 1 } });
  });

  it('tells the return of a stream without ids by an id of its own, which no handler is told', async () => {
    await start({ perUser: 1 });
    const first = await opened('/private');
    expect(first.lastEventId).toBe(RETURN_ID);
    expect((await first.next()).id).toBe(RETURN_ID);
    await opened('/private');
    await first.ended;
    expect((await open('/private', first.lastEventId)).status).toBe(429);
    await app.channels.disconnect({ userId: 'ann' });
    const back = await opened('/private', first.lastEventId);
    expect((await back.next()).data).toBe('hello');
    expect(back.frames.filter(({ text }) => text.includes(RETURN_ID))).toEqual([]);
    // A page may keep it as the place where it was.
    await opened(`/private?lastEventId=${first.lastEventId}`);
    expect(app.app.get(StreamController).asked).toEqual(Array.from({ length: 4 }, () => undefined));
  });

  it('leaves ids of the log and of handlers alone', async () => {
    await start({});
    const news = await opened('/news');
    expect((await news.nextFrame()).text).toMatch(/^retry/);
    await app.channels.publish('news', { data: 'first' });
    await news.next();
    expect(news.frames.filter(({ text }) => text.includes(RETURN_ID))).toEqual([]);
    const numbered = await opened('/numbered');
    expect((await numbered.next()).id).toBe('mine');
    const id = await app.channels.publish('history', { data: 'past' });
    const history = await opened('/history', RETURN_ID);
    // It is a place in no log: all of it, and no gap.
    expect(await history.next()).toMatchObject({ data: 'past', id });
    expect(history.received.map(({ type }) => type)).not.toContain('sse:gap');
  });
});
