import { describe, expect, it } from '@jest/globals';
import { BehaviorSubject, Observable, Subject, of } from 'rxjs';
import type { ChannelEvent } from './channel.js';
import type { SseEvent } from './event.js';
import { type HubFixture, openClient, publishAll, setUpHub, settled } from './spec-support/hub-fixture.js';

const LINGER_MS = 5_000;

function setUp(
  source: Observable<SseEvent>,
): HubFixture & { readonly subscribed: () => number; detach: () => void } {
  const fixture = setUpHub();
  let count = 0;
  const counted = new Observable<SseEvent>((subscriber) => {
    count += 1;
    const subscription = source.subscribe(subscriber);
    return () => {
      count -= 1;
      subscription.unsubscribe();
    };
  });
  const detach = fixture.hub.attach('a', counted);
  return { ...fixture, subscribed: () => count, detach };
}

describe('events$', () => {
  it('gives what is published from the subscription on, with its data as it was', async () => {
    const { hub, clock } = setUpHub();
    await publishAll(hub, 'a', 'before');
    const seen: ChannelEvent[] = [];
    hub.channel('a').events$.subscribe((event) => seen.push(event));
    await settled();
    const id = await hub.publish('a', { type: 't', data: { n: [1] }, key: 'k' });
    await hub.publish('a', { data: 'text' });
    await hub.publish('a', { data: null });
    await hub.publish('a', { type: 'no data', ephemeral: true });
    await hub.publish('b', { data: 'other' });
    expect(seen[0]).toEqual({ id, channel: 'a', type: 't', data: { n: [1] }, key: 'k', at: clock.now() });
    expect(seen.map(({ data }) => data)).toEqual([{ n: [1] }, 'text', null, undefined]);
    expect(seen[3]?.id).toBe('');
  });

  it('is one subscription at the broker for all, ended with the last', async () => {
    const { hub, broker } = setUpHub();
    const { events$ } = hub.channel('a');
    const subscriptions = [events$.subscribe(), hub.channel('a').events$.subscribe(), events$.subscribe()];
    await settled();
    expect([broker.subscriptions, hub.stats().channels]).toEqual([1, 1]);
    subscriptions.forEach((subscription) => subscription.unsubscribe());
    await settled();
    expect([broker.subscriptions, hub.stats().channels]).toEqual([0, 0]);
    const again = events$.subscribe();
    await settled();
    expect(broker.subscriptions).toBe(1);
    again.unsubscribe();
  });

  it('leaves nothing behind where it is unsubscribed before the broker has answered', async () => {
    const { hub, broker } = setUpHub();
    hub.channel('a').events$.subscribe().unsubscribe();
    await settled();
    expect([broker.subscriptions, hub.stats().channels]).toEqual([0, 0]);
  });

  it('errors if the broker refuses, and can be subscribed to again', async () => {
    const { hub, broker } = setUpHub();
    broker.failing = { subscribe: new Error('down') };
    const errors: unknown[] = [];
    const { events$ } = hub.channel('a');
    events$.subscribe({ error: (error) => errors.push(error) });
    events$.subscribe({ error: (error) => errors.push(error) });
    await settled();
    expect(errors).toEqual([new Error('down'), new Error('down')]);
    expect(hub.stats().channels).toBe(0);
    broker.failing = {};
    const seen: unknown[] = [];
    events$.subscribe(({ data }) => seen.push(data));
    await settled();
    await publishAll(hub, 'a', '1');
    expect(seen).toEqual(['1']);
  });

  it('shows nothing of the end that a job marks', async () => {
    const { hub } = setUpHub();
    const seen: unknown[] = [];
    hub.channel('a').events$.subscribe((event) => seen.push(event));
    await settled();
    await hub.publishRecord('a', {
      type: '',
      data: undefined,
      json: false,
      key: undefined,
      ephemeral: false,
      retryMs: undefined,
      final: true,
    });
    expect(seen).toEqual([]);
  });

  it('keeps the order for all when a subscriber publishes', async () => {
    const { hub } = setUpHub();
    const { events$ } = hub.channel('a');
    const seen: unknown[] = [];
    events$.subscribe(({ data }) => {
      if (data === 'question') {
        void hub.publish('a', { data: 'answer' });
      }
    });
    events$.subscribe(({ data }) => seen.push(data));
    const client = await openClient(hub, ['a']);
    await publishAll(hub, 'a', 'question');
    await settled();
    expect([seen, client.data]).toEqual([
      ['question', 'answer'],
      ['question', 'answer'],
    ]);
  });
});

describe('attach', () => {
  it('subscribes to the source while somebody listens, once for all', async () => {
    const source = new Subject<SseEvent>();
    const { hub, clock, subscribed } = setUp(source);
    expect(subscribed()).toBe(0);
    const clients = [await openClient(hub, ['a']), await openClient(hub, ['a'])];
    const listener = hub.channel('a').events$.subscribe();
    await settled();
    expect(subscribed()).toBe(1);
    source.next({ data: '1' });
    await settled();
    expect(clients.map(({ data }) => data)).toEqual([['1'], ['1']]);
    clients.forEach(({ connection }) => connection.close());
    clock.advance(2 * LINGER_MS);
    expect(subscribed()).toBe(1);
    listener.unsubscribe();
    clock.advance(LINGER_MS - 1);
    expect(subscribed()).toBe(1);
    clock.advance(1);
    expect(subscribed()).toBe(0);
  });

  it('lingers for who comes back, and starts anew for who comes later', async () => {
    const { hub, clock, subscribed } = setUp(new Subject());
    for (const [away, then] of [
      [LINGER_MS - 1, 1],
      [LINGER_MS, 0],
    ] as const) {
      const client = await openClient(hub, ['a']);
      expect(subscribed()).toBe(1);
      client.connection.close();
      await settled();
      clock.advance(away);
      expect(subscribed()).toBe(then);
    }
  });

  it('gives the first listener what the source emits at once', async () => {
    const { hub } = setUp(new BehaviorSubject<SseEvent>({ data: 'current' }));
    const client = await openClient(hub, ['a']);
    await settled();
    expect(client.data).toEqual(['current']);
    const other = setUp(of({ data: '1' }, { data: '2' }));
    const seen: unknown[] = [];
    other.hub.channel('a').events$.subscribe(({ data }) => seen.push(data));
    await settled();
    expect(seen).toEqual(['1', '2']);
  });

  it('subscribes at once where somebody listens already', async () => {
    const { hub } = setUpHub();
    await openClient(hub, ['a']);
    const source = new Subject<SseEvent>();
    const detach = hub.attach('a', source);
    expect(source.observed).toBe(true);
    detach();
    detach();
    expect(source.observed).toBe(false);
  });

  it('can be detached while it lingers', async () => {
    const { hub, clock, subscribed, detach } = setUp(new Subject());
    const client = await openClient(hub, ['a']);
    client.connection.close();
    await settled();
    expect(clock.pending).toBe(1);
    detach();
    expect([subscribed(), clock.pending]).toEqual([0, 0]);
    await openClient(hub, ['a']);
    expect(subscribed()).toBe(0);
  });

  it('reports an error of the source, and what can’t be published, and goes on', async () => {
    const source = new Subject<SseEvent>();
    const { hub, errors } = setUp(source);
    const client = await openClient(hub, ['a']);
    source.next({ data: 1n });
    source.next({ data: 'good' });
    await settled();
    expect(client.data).toEqual(['good']);
    source.error(new Error('broken'));
    expect(errors).toEqual([
      expect.stringContaining('BigInt'),
      'the source attached to the channel a: Error: broken',
    ]);
    expect(client.connection.closed).toBe(false);
  });

  it('ends with the hub', async () => {
    const { hub, clock, subscribed } = setUp(new Subject());
    await openClient(hub, ['a']);
    await hub.close();
    expect([subscribed(), clock.pending]).toEqual([0, 0]);
  });

  it('stays subscribed for good where it lingers for ever', async () => {
    const { hub, clock } = setUpHub();
    const source = new Subject<SseEvent>();
    hub.attach('a', source, { lingerMs: Infinity });
    const client = await openClient(hub, ['a']);
    client.connection.close();
    await settled();
    expect([source.observed, clock.pending]).toEqual([true, 0]);
  });

  it('reports a source whose teardown throws, and the hub goes on', async () => {
    const source = new Observable<SseEvent>(() => () => {
      throw new Error('teardown');
    });
    const { hub, clock, errors } = setUp(source);
    const client = await openClient(hub, ['a']);
    client.connection.close();
    clock.advance(LINGER_MS);
    expect(errors).toEqual([expect.stringContaining('ending the source attached to the channel a')]);
    expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 });
  });

  it('refuses a bad name, a source that is none, and a time that is none', () => {
    const { hub } = setUpHub();
    expect(() => hub.attach('', new Subject())).toThrow('non-empty');
    expect(() => hub.attach('a', [] as never)).toThrow('attach() takes an Observable');
    for (const lingerMs of [Number.NaN, -1, '5' as never]) {
      expect(() => hub.attach('a', new Subject(), { lingerMs })).toThrow('lingerMs');
    }
  });
});
