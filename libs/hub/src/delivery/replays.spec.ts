import { describe, expect, it } from '@jest/globals';
import type { Broker } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import { FaultyBroker } from '../spec-support/faulty-broker.js';
import { type HubFixture, openClient, publishAll, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf } from '../spec-support/stream-text.js';

/** A node over a network that can be cut. */
function setUp(
  options: Parameters<typeof setUpHub>[0] = {},
): HubFixture & { readonly network: FaultyBroker; readonly log: Broker } {
  const made: { network: FaultyBroker; log: Broker }[] = [];
  const fixture = setUpHub({
    ...options,
    broker: (context) => {
      const log = memoryBroker()(context);
      const network = new FaultyBroker(log);
      made.push({ network, log });
      return network;
    },
  });
  return { ...fixture, ...(made[0] as { network: FaultyBroker; log: Broker }) };
}

describe('a node that was cut off', () => {
  it('gives everybody what was missed, once and in order', async () => {
    const { hub, network } = setUp();
    const both = await openClient(hub, ['a', 'b']);
    const one = await openClient(hub, ['b']);
    await publishAll(hub, 'a', '1');
    network.cut();
    await publishAll(hub, 'a', '2');
    await publishAll(hub, 'b', '3');
    await settled();
    expect(both.data).toEqual(['1']);
    network.mend();
    // In the same turn, before the log has answered.
    await publishAll(hub, 'a', '4');
    await settled();
    await publishAll(hub, 'b', '5');
    await settled();
    expect([both.data, one.data]).toEqual([
      ['1', '2', '3', '4', '5'],
      ['3', '5'],
    ]);
    expect(controlsOf(both.transport.text, 'sse:gap')).toEqual([]);
  });

  it('reads again where a replay was under way, and where nobody had noticed yet', async () => {
    const { hub, network, broker } = setUp();
    broker.holdsReplays = true;
    network.cut();
    await publishAll(hub, 'a', '1');
    const opening = openClient(hub, [hub.channel('a').fromStart()]);
    await settled();
    broker.release();
    await settled();
    // The first page has been read, and is on its way.
    await publishAll(hub, 'a', '2');
    network.mend();
    while (broker.release()) {
      await settled();
    }
    const client = await opening;
    expect(client.data).toEqual(['1', '2']);
    expect(client.connection.state).toBe('live');
  });

  it('does not take what it has at hand for all there was', async () => {
    const { hub, network, broker } = setUp();
    const client = await openClient(hub, ['a'], {
      options: { overflow: { maxBufferedBytes: 10, policy: 'catch-up', stallMs: 0 } },
    });
    client.transport.stall();
    await publishAll(hub, 'a', 'one that waits', 'another');
    await settled();
    expect(client.connection.state).toBe('lagging');
    network.cut();
    await publishAll(hub, 'a', 'missed');
    network.mend();
    await publishAll(hub, 'a', 'last');
    await settled();
    const before = broker.replays;
    client.transport.resume();
    await settled();
    expect(client.data).toEqual(['one that waits', 'another', 'missed', 'last']);
    expect(broker.replays).toBe(before + 1);
  });

  it('tells a gap to those who have gone past what was lost, and to nobody else', async () => {
    const { hub, network } = setUp();
    const [past, behind] = [await openClient(hub, ['a', 'b']), await openClient(hub, ['a'])];
    await publishAll(hub, 'a', '1');
    await settled();
    network.lose('a');
    await publishAll(hub, 'a', '2');
    const [last = ''] = await publishAll(hub, 'b', '3');
    await settled();
    network.find();
    await settled();
    await publishAll(hub, 'a', '4');
    await settled();
    expect([past.data, behind.data]).toEqual([
      ['1', '3', '4'],
      ['1', '2', '4'],
    ]);
    expect(controlsOf(past.transport.text, 'sse:gap')).toEqual([
      { reason: 'lost', channels: ['a'], id: last },
    ]);
    expect(controlsOf(behind.transport.text, 'sse:gap')).toEqual([]);
    expect(hub.stats().gaps.lost).toBe(1);
    // A client that comes back is not told again.
    expect(past.transport.text).toMatch(new RegExp(`event: sse:gap\n.*\n\nid: ${last}\n\n`));
  });

  it('says where subscribers of events$ may have missed something', async () => {
    const { hub, network, errors } = setUp();
    const seen: unknown[] = [];
    hub.channel('a').events$.subscribe(({ data }) => seen.push(data));
    await openClient(hub, ['b']);
    await settled();
    network.cut();
    await publishAll(hub, 'a', '1');
    await publishAll(hub, 'b', '2');
    network.mend();
    await publishAll(hub, 'a', '3');
    expect(seen).toEqual(['3']);
    expect(errors).toEqual([expect.stringContaining('events$ of the channel a')]);
  });

  it('asks once for all who want the same', async () => {
    const { hub, network, broker } = setUp();
    const clients = await Promise.all(Array.from({ length: 200 }, () => openClient(hub, ['a', 'b'])));
    network.cut();
    await publishAll(hub, 'a', '1');
    await publishAll(hub, 'b', '2');
    const before = broker.replays;
    network.mend();
    await settled();
    expect(new Set(clients.map(({ data }) => data.join()))).toEqual(new Set(['1,2']));
    expect(broker.replays).toBe(before + 1);
    expect(clients.every(({ connection }) => connection.state === 'live')).toBe(true);
  });

  it('asks only so much at once', async () => {
    const { hub, network, broker } = setUp();
    const names = Array.from({ length: 100 }, (_, index) => `user/${index}`);
    const clients = await Promise.all(names.map((name) => openClient(hub, [name])));
    network.cut();
    for (const name of names) {
      await publishAll(hub, name, name);
    }
    const before = broker.replays;
    broker.holdsReplays = true;
    network.mend();
    await settled();
    expect(broker.replays - before).toBe(32);
    while (broker.release()) {
      await settled();
    }
    expect(clients.map(({ data }) => data)).toEqual(names.map((name) => [name]));
  });
});

describe('a broker that is away', () => {
  it('ends no stream: it is waited for, with heartbeats, by one question from time to time', async () => {
    const heartbeat = { intervalMs: 1_000, visible: true };
    const { hub, network, broker, clock } = setUp();
    const clients = await Promise.all(
      ['a', 'b', 'c'].map((name) => openClient(hub, [name], { options: { heartbeat } })),
    );
    network.cut();
    for (const name of ['a', 'b', 'c']) {
      await publishAll(hub, name, name);
    }
    network.away = true;
    const before = broker.replays;
    network.mend();
    await settled();
    expect(broker.replays - before).toBe(3);
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      await settled();
    }
    // 250 ms, 500 ms, 1 s, 2 s, and 4 s from there on.
    expect(broker.replays - before - 3).toBeLessThanOrEqual(19);
    for (const { connection, transport } of clients) {
      expect(connection.state).toBe('replaying');
      expect(controlsOf(transport.text, 'sse:heartbeat').length).toBeGreaterThan(50);
    }
    network.away = false;
    clock.advance(4_000);
    await settled();
    expect(clients.map(({ data, connection }) => [data, connection.state])).toEqual(
      ['a', 'b', 'c'].map((name) => [[name], 'live']),
    );
  });

  it('is asked at once when it gives a sign of life', async () => {
    const { hub, network } = setUp();
    const [client, other] = [await openClient(hub, ['a']), await openClient(hub, ['b'])];
    network.cut();
    await publishAll(hub, 'a', '1');
    network.away = true;
    network.mend();
    await settled();
    network.away = false;
    await publishAll(hub, 'b', '2');
    await settled();
    expect([client.data, other.data]).toEqual([['1'], ['2']]);
  });

  it('is waited for by one that lagged', async () => {
    const { hub, network, clock } = setUp({ recent: { maxEvents: 0, maxLength: 0 } });
    for (const policy of ['catch-up', 'conflate', 'drop-oldest'] as const) {
      const client = await openClient(hub, ['a'], {
        options: { overflow: { maxBufferedBytes: 10, policy, stallMs: 0 } },
      });
      client.transport.stall();
      await publishAll(hub, 'a', 'one that waits');
      await settled();
      await publishAll(hub, 'a', 'another');
      await settled();
      network.away = true;
      client.transport.resume();
      await settled();
      expect([client.data, client.connection.state]).toEqual([['one that waits'], 'replaying']);
      network.away = false;
      clock.advance(250);
      await settled();
      expect([client.data, client.connection.state]).toEqual([['one that waits', 'another'], 'live']);
      client.connection.close();
    }
  });

  it('that never answers is given up after 5 s, and asked again', async () => {
    const { hub, network, broker, clock } = setUp();
    const client = await openClient(hub, ['a']);
    network.cut();
    await publishAll(hub, 'a', '1');
    broker.holdsReplays = true;
    network.mend();
    await settled();
    broker.holdsReplays = false;
    clock.advance(5_000);
    await settled();
    expect(client.data).toEqual([]);
    clock.advance(250);
    await settled();
    expect([client.data, client.connection.state]).toEqual([['1'], 'live']);
  });

  it('is asked nothing for those who have gone, and by a hub that is closed', async () => {
    const { hub, network, broker, clock, log } = setUp();
    const [gone, stays] = [await openClient(hub, ['a']), await openClient(hub, ['b'])];
    network.cut();
    await publishAll(hub, 'a', '1');
    await publishAll(hub, 'b', '1');
    network.away = true;
    network.mend();
    await settled();
    gone.transport.hangUp();
    const before = broker.replays;
    network.away = false;
    clock.advance(4_000);
    await settled();
    expect(broker.replays).toBe(before + 1);
    expect(stays.connection.state).toBe('live');
    network.cut();
    await publishAll(hub, 'b', '2');
    network.away = true;
    network.mend();
    await settled();
    await hub.close();
    await log.close();
    expect(clock.pending).toBe(0);
  });

  it('fails a stream where it fails otherwise', async () => {
    const { hub, network, broker } = setUp();
    const client = await openClient(hub, ['a']);
    network.cut();
    await publishAll(hub, 'a', '1');
    broker.failing = { replay: new Error('broken') };
    network.mend();
    await settled();
    expect(client.connection.closeReason).toBe('error');
  });

  it('refuses to open', async () => {
    const { hub, network } = setUp();
    network.away = true;
    await expect(openClient(hub, ['a'])).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});
