import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChannelEvent, SseChannel, SseError, type SseEvent } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller, Param, UseGuards } from '@nestjs/common';
import { Observable, Subject, firstValueFrom } from 'rxjs';
import { deferred } from './support/deferred.js';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { CurrentUser, UserGuard, as } from './support/user.guard.js';
import { WatchedBroker } from './support/watched-broker.js';

@Controller()
class StreamController {
  @SseChannel('mine')
  @UseGuards(UserGuard)
  mine(@CurrentUser() user: string) {
    return [`user/${user}`, 'announcements'];
  }

  @SseChannel('rooms/:room')
  room(@Param('room') room: string) {
    return room;
  }
}

describe.each(adapters)('the registry on %s', (adapter) => {
  let app: TestApp;
  let broker: WatchedBroker;
  beforeEach(async () => {
    broker = new WatchedBroker();
    app = await startApp(adapter, { controllers: [StreamController], sse: { broker: broker.factory } });
  });
  afterEach(() => app.close());

  /** Opens a user's stream, and waits until it is there. */
  async function join(user: string): Promise<{ stream: SseStream; id: string }> {
    const stream = await app.open('/mine', as(user));
    return { stream, id: await stream.connectionId() };
  }

  it('publishes to one or to all, and tells the id', async () => {
    const [ann, bob] = [await join('ann'), await join('bob')];
    const own = await app.channels.publish('user/ann', { type: 'note', data: { text: 'hi' } });
    const all = await app.channels.publish('announcements', { data: 'to all' });
    expect(await ann.stream.take(2)).toMatchObject([
      { id: own, type: 'note', data: '{"text":"hi"}' },
      { id: all, data: 'to all' },
    ]);
    expect(await bob.stream.next()).toMatchObject({ id: all, data: 'to all' });
    expect(await app.channels.publish('announcements', { data: 'now', ephemeral: true })).toBe('');
    expect(await bob.stream.next()).toMatchObject({ id: all, data: 'now' });
    expect(await app.channels.channel('user/bob').publish({ data: 'handle' })).not.toBe('');
    expect(await bob.stream.next()).toMatchObject({ data: 'handle' });
  });

  it('refuses a bad name and a bad event as a rejection', async () => {
    const { stream } = await join('ann');
    await expect(app.channels.publish('', { data: 1 })).rejects.toMatchObject({
      code: 'INVALID_CHANNEL_NAME',
    });
    const bad = { type: 'open', data: 1 };
    await expect(app.channels.publish('user/ann', bad)).rejects.toMatchObject({ code: 'INVALID_EVENT_TYPE' });
    await app.channels.publish('user/ann', { data: 'good' });
    expect(await stream.next()).toMatchObject({ data: 'good' });
  });

  it('gives a channel as a hot Observable of parsed data, with one subscription for all', async () => {
    const { events$ } = app.channels.channel('topic');
    await app.channels.publish('topic', { data: 'before anybody listens' });
    expect(broker.subscriptions).toEqual([]);
    const seen: ChannelEvent[] = [];
    const subscriptions = [events$.subscribe((event) => seen.push(event)), events$.subscribe()];
    const next = firstValueFrom(events$);
    expect(broker.subscriptions).toEqual(['topic']);
    const stream = await app.open('/rooms/topic');
    await stream.connectionId();
    expect(broker.subscriptions).toEqual(['topic']);
    const id = await app.channels.publish('topic', { type: 't', data: { a: [1] }, key: 'k' });
    expect(await next).toEqual({
      id,
      channel: 'topic',
      type: 't',
      data: { a: [1] },
      key: 'k',
      at: expect.any(Number),
    });
    expect(seen).toHaveLength(1);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    expect(broker.subscriptions).toEqual(['topic']);
    const closed = nextClose(app);
    await stream.abort();
    await closed;
    await new Promise(setImmediate);
    expect(broker.subscriptions).toEqual([]);
    expect(app.channels.stats().channels).toBe(0);
  });

  it('subscribes an attached source while somebody listens, once for all', async () => {
    let subscribed = 0;
    const left = deferred();
    const source = new Subject<SseEvent>();
    const counted = new Observable<SseEvent>((subscriber) => {
      subscribed += 1;
      const subscription = source.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        left.resolve();
      };
    });
    app.channels.attach('prices', counted, { lingerMs: 30 });
    expect(subscribed).toBe(0);
    const streams = await Promise.all([app.open('/rooms/prices'), app.open('/rooms/prices')]);
    await Promise.all(streams.map((stream) => stream.connectionId()));
    source.next({ data: 42 });
    expect(await Promise.all(streams.map((stream) => stream.next()))).toMatchObject([
      { data: '42' },
      { data: '42' },
    ]);
    expect(subscribed).toBe(1);
    await streams[0]?.abort();
    source.next({ data: 43 });
    expect(await streams[1]?.next()).toMatchObject({ data: '43' });
    await streams[1]?.abort();
    await left.promise;
    expect(source.observed).toBe(false);
    const again = await app.open('/rooms/prices');
    await again.connectionId();
    source.next({ data: 44 });
    expect(await again.next()).toMatchObject({ data: '44' });
    expect(subscribed).toBe(2);
  });

  it('keeps an attached source for the next listener, until it is detached', async () => {
    let subscribed = 0;
    const source = new Subject<SseEvent>();
    const counted = new Observable<SseEvent>((subscriber) => {
      subscribed += 1;
      return source.subscribe(subscriber);
    });
    const detach = app.channels.attach('prices', counted, { lingerMs: 60_000 });
    for (const data of ['first', 'second']) {
      const stream = await app.open('/rooms/prices');
      await stream.connectionId();
      source.next({ data });
      expect(await stream.next()).toMatchObject({ data });
      const closed = nextClose(app);
      await stream.abort();
      await closed;
    }
    expect(subscribed).toBe(1);
    expect(source.observed).toBe(true);
    detach();
    expect(source.observed).toBe(false);
  });

  it('disconnects by user, connection and channel, and never all by an empty filter', async () => {
    const streams = await Promise.all(['ann', 'ann', 'bob', 'carl', 'dora'].map(join));
    const [first, second, bob, carl, dora] = streams.map(({ stream }) => stream);
    const goodbye = { reason: 'server' };
    expect(await app.channels.disconnect({ userId: 'ann' })).toBe(2);
    expect(await first?.control('sse:goodbye')).toEqual(goodbye);
    expect(await second?.control('sse:goodbye')).toEqual(goodbye);
    expect(await app.channels.disconnect({ connectionId: streams[2]?.id ?? '' }, 'revoked')).toBe(1);
    expect(await bob?.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    expect(await app.channels.disconnect({ userId: 'carl', channel: 'user/dora' })).toBe(0);
    expect(await app.channels.disconnect({ channel: 'user/carl' })).toBe(1);
    expect(await carl?.ended).toBe('end');
    for (const filter of [{}, { userId: undefined }]) {
      await expect(app.channels.disconnect(filter)).rejects.toBeInstanceOf(SseError);
      await expect(app.channels.unsubscribe(filter, 'x')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
    await app.channels.publish('user/dora', { data: 'still there' });
    expect(await dora?.next()).toMatchObject({ data: 'still there' });
  });

  it('takes the id of a user as a number as well', async () => {
    const [seven, other] = [await join('7'), await join('70')];
    expect(await app.channels.unsubscribe({ userId: 7 }, 'announcements')).toBe(1);
    expect(await app.channels.disconnect({ userId: 7 })).toBe(1);
    expect(await seven.stream.control('sse:goodbye')).toEqual({ reason: 'server' });
    expect(app.channels.connections().map(({ id }) => id)).toEqual([other.id]);
  });

  it('takes connections out of a channel; one without any is revoked', async () => {
    const { stream } = await join('ann');
    expect(await app.channels.unsubscribe({ userId: 'ann' }, 'announcements')).toBe(1);
    expect(await app.channels.unsubscribe({ userId: 'ann' }, 'announcements')).toBe(0);
    await app.channels.publish('announcements', { data: 'not for ann' });
    await app.channels.publish('user/ann', { data: 'for ann' });
    expect(await stream.next()).toMatchObject({ data: 'for ann' });
    const closed = nextClose(app);
    expect(await app.channels.unsubscribe({ userId: 'ann' }, 'user/ann')).toBe(1);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    expect(await closed).toBe('revoked');
  });

  it('knows its connections, who is on a channel, and how much was sent', async () => {
    const { stream, id } = await join('ann');
    await join('ann');
    await join('bob');
    const anonymous = await app.open('/rooms/announcements');
    await anonymous.connectionId();
    const found = app.channels.connections().find((connection) => connection.id === id);
    expect(found).toMatchObject({
      userId: 'ann',
      ip: '127.0.0.1',
      state: 'live',
      closed: false,
      messages: 0,
    });
    expect([...(found?.channels.keys() ?? [])]).toEqual(['user/ann', 'announcements']);
    expect(await app.channels.presence('announcements')).toEqual([
      { userId: 'ann', connections: 2 },
      { userId: 'bob', connections: 1 },
      { userId: undefined, connections: 1 },
    ]);
    expect(await app.channels.presence('nobody')).toEqual([]);
    await app.channels.publish('announcements', { data: 'x' });
    await app.channels.publish('user/ann', { data: 'y' });
    await stream.take(2);
    expect(found?.messages).toBe(2);
    expect(app.channels.stats()).toMatchObject({
      connections: 4,
      channels: 3,
      lagging: 0,
      published: 2,
      delivered: 6,
      opens: 4,
      utilisation: 4 / 10_000,
    });
  });

  it('sends to one connection alone, without moving its cursor', async () => {
    const [ann, bob] = [await join('ann'), await join('bob')];
    const before = ann.stream.lastEventId;
    expect(app.channels.send(ann.id, { type: 'hint', data: 'you' })).toBe(true);
    expect(await ann.stream.next()).toMatchObject({ type: 'hint', data: 'you', id: before });
    expect(app.channels.send('nobody', { data: 1 })).toBe(false);
    expect(() => app.channels.send(ann.id, { data: 1n })).toThrow(SseError);
    await app.channels.publish('announcements', { data: 'all' });
    expect(await bob.stream.next()).toMatchObject({ data: 'all' });
  });

  it('answers 503 while the broker refuses, and recovers', async () => {
    broker.refusal = new SseError('BROKER_UNAVAILABLE', 'The broker is away.');
    const refused = await app.open('/rooms/a');
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ 'retry-after': '3' });
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 0 });
    broker.refusal = undefined;
    const stream = await app.open('/rooms/a');
    await stream.connectionId();
    await app.channels.publish('a', { data: 'back' });
    expect(await stream.next()).toMatchObject({ data: 'back' });
  });
});
