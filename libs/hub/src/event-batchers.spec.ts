import { describe, expect, it } from '@jest/globals';
import type { BrokerFactory } from './broker/broker.js';
import { memoryBroker } from './broker/memory-broker.js';
import type { ChannelEvent } from './channel.js';
import { ChannelOptionsTable } from './channel-options.js';
import type { EventId } from './event.js';
import { EventBatchers } from './event-batchers.js';
import { Jobs } from './jobs.js';
import { batched, batchesOf } from './spec-support/batch-events.js';
import { caught } from './spec-support/caught.js';
import { HandClock } from './spec-support/hand-clock.js';
import { openClient, setUpHub, settled } from './spec-support/hub-fixture.js';
import { recordOf } from './spec-support/records.js';

const channels = { 'prices/*': batched() };
/** Publishes all in one turn: the first leaves at once, the others wait for the broker or the window. */
const burst = (publish: (data: number) => Promise<EventId>, size: number): Promise<EventId>[] =>
  Array.from({ length: size }, (_, index) => publish(index));

/** A channel whose events wait for others, seven of them, and a client that has none of them yet. */
const gathered = async () => {
  const fixture = setUpHub({ channels });
  // So many that the next ones wait for others.
  void burst((data) => fixture.hub.publish('prices/eu', { data }), 40);
  await fixture.hub.disconnect({ userId: 'nobody' });
  const client = await openClient(fixture.hub, ['prices/eu'], { userId: 'u' });
  await settled();
  const published = burst((data) => fixture.hub.publish('prices/eu', { data }), 7);
  return { ...fixture, client, published };
};

const valuesOf = (text: string): unknown[] =>
  batchesOf(text).flatMap(({ items }) => items.map(({ data }) => data));

/** Never answers. */
const deaf: BrokerFactory = (context) => {
  const broker = memoryBroker()(context);
  broker.publish = () => new Promise(() => undefined);
  return broker;
};

describe('a channel with batches', () => {
  it('publishes a burst as few events, whose ids the publishers get', async () => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['prices/eu']);
    const published = burst((data) => hub.publish('prices/eu', { type: 'tick', data }), 25);
    await settled();
    clock.advance(50);
    const ids = await Promise.all(published);
    await settled();
    const batches = batchesOf(client.transport.text);
    expect(batches.map(({ count }) => count)).toEqual([1, 10, 10, 4]);
    const items = batches.flatMap((batch) => batch.items);
    expect(items).toEqual(ids.map((_, data) => ({ type: 'tick', data })));
    expect(batches.flatMap(({ id, count }) => Array.from({ length: count }, () => id))).toEqual(ids);
    expect(hub.stats().published).toBe(4);
  });

  it('leaves other channels alone, and has its own batch', async () => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['prices/eu', 'prices/us', 'news']);
    const names = ['prices/eu', 'prices/us', 'news'];
    const published = names.flatMap((name) => burst((data) => hub.publish(name, { data }), 9));
    await settled();
    clock.advance(50);
    await Promise.all(published);
    await settled();
    expect(client.data.filter((data) => !data.startsWith('{'))).toHaveLength(9);
    const batches = batchesOf(client.transport.text);
    const values = batches.flatMap(({ items }) => items.map(({ data }) => data));
    expect(values.map(Number).toSorted((a, b) => a - b)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8,
    ]);
    expect(batches).toHaveLength(4);
  });

  it('refuses a bad event at once, and no other with it', async () => {
    const { hub } = setUpHub({ channels });
    const client = await openClient(hub, ['prices/eu']);
    const published = burst((data) => hub.publish('prices/eu', { data }), 3);
    const error = await caught(() => hub.publish('prices/eu', { data: 1n }));
    expect(error.code).toBe('INVALID_EVENT_DATA');
    await hub.disconnect({ userId: 'nobody' });
    await Promise.all(published);
    const items = batchesOf(client.transport.text).flatMap((batch) => batch.items);
    expect(items).toEqual([{ data: 0 }, { data: 1 }, { data: 2 }]);
  });

  it('gives the batch event to subscribers of events$, as the log has it', async () => {
    const { hub } = setUpHub({ channels: { a: batched({ type: 'ticks' }) } });
    const seen: ChannelEvent[] = [];
    hub.channel('a').events$.subscribe((event) => seen.push(event));
    await settled();
    const id = await hub.publish('a', { type: 't', data: 'x', key: 'k' });
    expect(seen).toMatchObject([
      { id, type: 'ticks', key: undefined, data: { count: 1, items: [{ type: 't', data: 'x' }] } },
    ]);
  });
});

describe('what is under way', () => {
  const all = [0, 1, 2, 3, 4, 5, 6];

  it.each(['disconnect', 'unsubscribe', 'drain', 'close'] as const)('arrives before %s()', async (way) => {
    const { hub, client, published } = await gathered();
    const ways = {
      disconnect: () => hub.disconnect({ userId: 'u' }),
      unsubscribe: () => hub.unsubscribe({ userId: 'u' }, 'prices/eu'),
      drain: () => hub.drain(),
      close: () => hub.close(),
    };
    await ways[way]();
    expect(client.connection.closed).toBe(true);
    expect(valuesOf(client.transport.text)).toEqual(all);
    await Promise.all(published);
  });

  it('leaves no timer behind close(), after which nothing is gathered', async () => {
    const { hub, clock, published } = await gathered();
    await hub.drain();
    const late = burst((data) => hub.publish('prices/eu', { data }), 7);
    await hub.close();
    await Promise.all([...published, ...late]);
    expect(clock.pending).toBe(0);
    expect((await caught(() => hub.publish('prices/eu', { data: 1 }))).code).toBe('BROKER_CLOSED');
    expect(clock.pending).toBe(0);
  });

  it('cannot hold up disconnect() for long where the broker does not answer', async () => {
    const { hub, clock } = setUpHub({ channels, broker: deaf });
    const client = await openClient(hub, ['prices/eu'], { userId: 'u' });
    void hub.publish('prices/eu', { data: 'never' });
    const disconnecting = hub.disconnect({ userId: 'u' });
    await settled();
    expect(client.connection.closed).toBe(false);
    clock.advance(250);
    expect(await disconnecting).toBe(1);
  });

  it('comes before the end of a job', async () => {
    const { hub, client, published } = await gathered();
    const { done } = new Jobs(hub, () => undefined).start('prices/eu', []);
    await Promise.all([...published, done]);
    await settled();
    expect(client.connection.closeReason).toBe('complete');
    expect(valuesOf(client.transport.text)).toEqual(all);
  });
});

describe('the batchers of many channels', () => {
  it('are forgotten when their channels are quiet', async () => {
    const clock = new HandClock();
    const batchers = new EventBatchers(new ChannelOptionsTable({ '*': batched() }), {
      clock,
      publish: async () => '',
    });
    for (let user = 0; user < 1_000; user += 1) {
      await batchers.publish(`user/${user}`, recordOf());
      clock.advance(100);
    }
    expect(batchers.size).toBeLessThanOrEqual(64);
  });
});
