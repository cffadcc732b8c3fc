import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { ChannelOptionsByName } from '../channel-options.js';
import {
  type Client,
  openClient,
  openOn,
  publishAll,
  request,
  setUpHub,
  setUpHubWith,
  settled,
} from '../spec-support/hub-fixture.js';
import { recordOf } from '../spec-support/records.js';
import { SlowClock } from '../spec-support/slow-clock.js';

const WINDOW_MS = 100;
/** Of the channels `held` and `held too` events wait; of others not. */
const channels: ChannelOptionsByName = {
  held: { coalesceMs: WINDOW_MS, batch: undefined },
  'held too': { coalesceMs: WINDOW_MS / 2, batch: undefined },
};

const writes = ({ transport }: Client): number => transport.writes.length;

describe('a coalescing window', () => {
  it('gathers what comes in several turns for one write, with one timer', async () => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['held']);
    const [before, timers] = [writes(client), clock.pending];
    await publishAll(hub, 'held', '1');
    await settled();
    clock.advance(WINDOW_MS - 1);
    await publishAll(hub, 'held', '2', '3');
    await settled();
    expect([writes(client) - before, clock.pending - timers]).toEqual([0, 2]);
    clock.advance(1);
    await nextTurn();
    expect([writes(client) - before, client.data]).toEqual([1, ['1', '2', '3']]);
  });

  it('begins with the first event, each time', async () => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['held']);
    for (const text of ['1', '2']) {
      clock.advance(10 * WINDOW_MS);
      await publishAll(hub, 'held', text);
      clock.advance(WINDOW_MS - 1);
      await settled();
      expect(client.data).not.toContain(text);
      clock.advance(1);
      await nextTurn();
      expect(client.data).toContain(text);
    }
  });

  it('ends early with a final event', async () => {
    const { hub } = setUpHub({ channels });
    const client = await openClient(hub, ['held']);
    await publishAll(hub, 'held', '1');
    await hub.publishRecord('held', recordOf({ data: undefined, final: true }));
    await settled();
    expect([client.data, client.connection.closeReason]).toEqual([['1'], 'complete']);
  });

  it.each(['disconnect', 'unsubscribe', 'drain', 'close'] as const)('ends early before %s()', async (way) => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['held'], { userId: 'u' });
    await publishAll(hub, 'held', '1', '2');
    const ways = {
      disconnect: () => hub.disconnect({ userId: 'u' }),
      unsubscribe: () => hub.unsubscribe({ userId: 'u' }, 'held'),
      drain: () => hub.drain(),
      close: () => hub.close(),
    };
    await ways[way]();
    expect([client.data, client.connection.closed]).toEqual([['1', '2'], true]);
    await hub.close();
    expect(clock.pending).toBe(0);
  });

  it('that opens while the hub closes leaves no timer behind', async () => {
    const { hub, clock } = setUpHub({ channels });
    await openClient(hub, ['held']);
    await openClient(hub, ['held']);
    hub.lifecycle$.subscribe(({ kind }) => void hub.publish('held', { data: `${kind}, one fewer` }));
    await hub.close();
    expect([hub.connections(), clock.pending]).toEqual([[], 0]);
  });

  it('hides nothing from a replay, which a held event does not follow twice', async () => {
    const { hub, clock } = setUpHub({ channels });
    await openClient(hub, ['held']);
    await publishAll(hub, 'held', '1', '2');
    const late = await openClient(hub, [hub.channel('held').fromStart()]);
    const fromNow = await openClient(hub, ['held']);
    await publishAll(hub, 'held', '3');
    await settled();
    expect([late.data, fromNow.data]).toEqual([['1', '2'], []]);
    clock.advance(WINDOW_MS);
    await settled();
    expect([late.data, fromNow.data]).toEqual([['1', '2', '3'], ['3']]);
  });

  it('loses and doubles nothing for a connection that replays while it ends', async () => {
    const { hub, clock, broker } = setUpHub({ channels });
    const [first = ''] = await publishAll(hub, 'held', '0');
    broker.holdsReplays = true;
    const client = request(hub, { lastEventId: first });
    const opening = openOn(hub, client, ['held', 'other']);
    await settled();
    for (const text of ['1', '3', '5', '7']) {
      await publishAll(hub, 'held', text);
      await publishAll(hub, 'other', String(Number(text) + 1));
      await settled();
      broker.release();
      await settled();
      clock.advance(WINDOW_MS / 2);
      await settled();
    }
    broker.holdsReplays = false;
    while (broker.release()) {
      await settled();
    }
    await opening;
    clock.advance(WINDOW_MS);
    await settled();
    expect(client.data).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });
});

describe('a connection of several channels', () => {
  it('gets held events early, in id order with what another channel has, and once', async () => {
    const { hub, clock } = setUpHub({ channels });
    const both = await openClient(hub, ['held', 'other']);
    const twin = await openClient(hub, ['other', 'held']);
    const alone = await openClient(hub, ['held']);
    await publishAll(hub, 'held', 'h1');
    await hub.publish('held', { data: 'h1 typing', ephemeral: true });
    await settled();
    expect(both.data).toEqual([]);
    await publishAll(hub, 'other', 'o2');
    await publishAll(hub, 'held', 'h3');
    await nextTurn();
    expect(both.data).toEqual(['h1', 'h1 typing', 'o2', 'h3']);
    expect(both.transport.writes.at(-1)).toBe(twin.transport.writes.at(-1));
    expect(alone.data).toEqual([]);
    await hub.publish('held', { data: 'h3 typing', ephemeral: true });
    clock.advance(WINDOW_MS);
    await nextTurn();
    expect(both.data).toEqual(['h1', 'h1 typing', 'o2', 'h3', 'h3 typing']);
    expect(both.transport.writes.at(-1)).toBe(twin.transport.writes.at(-1));
    expect(alone.data).toEqual(['h1', 'h1 typing', 'h3', 'h3 typing']);
  });

  it('gets the held events of two channels with the window that ends first', async () => {
    const { hub, clock } = setUpHub({ channels });
    const both = await openClient(hub, ['held', 'held too']);
    const before = writes(both);
    await publishAll(hub, 'held', '1');
    await publishAll(hub, 'held too', '2');
    await publishAll(hub, 'held', '3');
    clock.advance(WINDOW_MS / 2);
    await settled();
    expect([both.data, writes(both) - before]).toEqual([['1', '2', '3'], 1]);
    clock.advance(WINDOW_MS);
    await settled();
    expect([both.data, writes(both) - before]).toEqual([['1', '2', '3'], 1]);
  });

  it('has what it had early also when it has left the other channel since', async () => {
    const { hub, clock } = setUpHub({ channels });
    const client = await openClient(hub, ['held', 'other'], { userId: 'u' });
    await hub.publish('held', { data: 'typing', ephemeral: true });
    await hub.publish('other', { data: 'o' });
    await settled();
    client.connection.reader?.leave('other');
    clock.advance(WINDOW_MS);
    await settled();
    expect(client.data).toEqual(['typing', 'o']);
  });

  it('gets no more and no less for what another had early', async () => {
    const { hub, clock } = setUpHub({ channels });
    const three = await openClient(hub, ['held', 'other', 'third']);
    const two = await openClient(hub, ['held', 'other']);
    await hub.publish('held', { data: '1', ephemeral: true });
    await hub.publish('third', { data: '2', ephemeral: true });
    await settled();
    await hub.publish('held', { data: '3', ephemeral: true });
    clock.advance(WINDOW_MS);
    await publishAll(hub, 'other', '4');
    await settled();
    expect([three.data, two.data]).toEqual([
      ['1', '2', '3', '4'],
      ['1', '3', '4'],
    ]);
  });

  it('shares the bytes of the other channel once it has had what is held', async () => {
    const { hub } = setUpHub({ channels });
    const both = await openClient(hub, ['held', 'other']);
    const other = await openClient(hub, ['other']);
    await publishAll(hub, 'held', 'h');
    await publishAll(hub, 'other', '1');
    await settled();
    await publishAll(hub, 'other', '2');
    await settled();
    expect(both.transport.writes.at(-1)).toBe(other.transport.writes.at(-1));
  });
});

describe('a fan-out that yields', () => {
  it.each([
    ['its window goes on', 0],
    ['its window ends meanwhile', WINDOW_MS],
  ])('gives late readers only what was held when it began: %s', async (_what, ms) => {
    const { hub, clock } = setUpHubWith(new SlowClock(), { channels });
    const clients: Client[] = [];
    for (let index = 0; index < 200; index += 1) {
      clients.push(await openClient(hub, ['held', 'other']));
    }
    const [first, last] = [clients[0], clients.at(-1)];
    await publishAll(hub, 'held', '1');
    await hub.publish('held', { data: '1 typing', ephemeral: true });
    await publishAll(hub, 'other', '2');
    clock.stepMs = 5;
    await nextTurn();
    expect([first?.data, last?.data]).toEqual([['1', '1 typing', '2'], []]);
    // A reader that got the 4 now would take the 3 for one it has had.
    await publishAll(hub, 'other', '3');
    await publishAll(hub, 'held', '4');
    clock.stepMs = 0;
    clock.advance(ms);
    await settled();
    clock.advance(WINDOW_MS);
    await settled();
    const texts = new Set(clients.map(({ data }) => data.join()));
    expect(texts).toEqual(new Set(['1,1 typing,2,3,4']));
  });
});
