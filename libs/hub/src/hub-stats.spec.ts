import { describe, expect, it } from '@jest/globals';
import { openClient, publishAll, quiet, setUpHub, settled } from './spec-support/hub-fixture.js';
import { MemoryTransport } from './spec-support/memory-transport.js';

describe('the figures of a hub', () => {
  it('have the gaps that clients were told, by reason', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2, maxAgeMs: 60_000 } });
    const [first = ''] = await publishAll(hub, 'a', '1', '2', '3', '4');
    await openClient(hub, ['a'], { lastEventId: first });
    await openClient(hub, ['a'], { lastEventId: 'nobody knows it' });
    const foreign = await openClient(hub, ['a'], { lastEventId: `other${first}` });
    await settled();
    expect(hub.stats().gaps).toEqual({ trimmed: 1, epoch: 1, 'unknown-id': 1, lost: 0, overflow: 0 });
    expect(foreign.connection.errors).toBe(1);
  });

  it('have those of a private stream that has lost events', async () => {
    const { hub } = setUpHub();
    const transport = new MemoryTransport();
    const connection = hub.connect({ userId: undefined, ip: undefined, lastEventId: undefined, transport });
    const stream = hub.openPrivate(connection);
    stream.begin({ ...quiet, overflow: { ...quiet.overflow, maxBufferedBytes: 100, policy: 'drop-oldest' } });
    transport.stall();
    for (let index = 0; index < 20; index += 1) {
      stream.send({ data: 'x'.repeat(40) });
    }
    transport.resume();
    await settled();
    expect(hub.stats().gaps.overflow).toBe(1);
  });

  it('have refusals by cause', () => {
    const { hub } = setUpHub();
    hub.refused('perUser');
    hub.refused('perUser');
    hub.refused('drain');
    expect(hub.stats().refusals).toMatchObject({ perUser: 2, drain: 1, total: 0 });
  });

  it('have the average time for which closed connections were open', async () => {
    const { hub, clock } = setUpHub();
    expect(hub.stats().averageDurationMs).toBe(0);
    const clients = [await openClient(hub, ['a']), await openClient(hub, ['a'])];
    await openClient(hub, ['a']);
    clock.advance(1_000);
    clients[0]?.connection.close();
    clock.advance(2_000);
    clients[1]?.connection.close();
    expect(hub.stats().averageDurationMs).toBe(2_000);
  });

  it('have rates and the process, and are JSON', async () => {
    const { hub, clock } = setUpHub();
    await openClient(hub, ['a']);
    await publishAll(hub, 'a', '1', '2');
    await settled();
    clock.advance(1_000);
    const stats = hub.stats();
    expect(stats.rates).toEqual({ published: 2, delivered: 2, bytes: stats.bytes });
    expect(stats.process.rss).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
  });

  it('of one connection are a plain object, with its channels also when it has closed', async () => {
    const { hub, clock } = setUpHub();
    const openedAt = clock.now();
    const { connection, transport } = await openClient(hub, ['a', 'b'], { userId: 'ann' });
    clock.advance(500);
    await publishAll(hub, 'a', '1');
    await settled();
    const figures = {
      id: connection.id,
      userId: 'ann',
      state: 'live',
      channels: ['a', 'b'],
      openedAt,
      lastActivityAt: openedAt + 500,
      messages: 1,
      bytes: transport.bytes.length,
      errors: 0,
    };
    expect(connection.stats()).toEqual(figures);
    expect(JSON.parse(JSON.stringify(connection.stats()))).toEqual(figures);
    connection.fail(new Error('broken'));
    expect(connection.stats()).toMatchObject({ state: 'closed', channels: ['a', 'b'], errors: 1 });
    expect(hub.stats().channels).toBe(0);
  });

  it('of the log are what its broker tells', async () => {
    const { hub, broker } = setUpHub();
    expect(await hub.brokerStats()).toBeUndefined();
    Object.assign(broker, { stats: async () => ({ events: 7, channels: 2 }) });
    expect(await hub.brokerStats()).toEqual({ events: 7, channels: 2 });
  });
});
