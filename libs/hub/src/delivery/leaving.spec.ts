import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerFactory } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import { openClient, openOn, publishAll, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { MemoryTransport } from '../spec-support/memory-transport.js';
import { RecentEvents } from './recent-events.js';

describe('a client that is taken out of a channel', () => {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was, and called on its own object only
  const { replay } = RecentEvents.prototype;
  let reads = 0;

  beforeEach(() => {
    reads = 0;
    // A loop that never leaves the microtask queue would hang the test for good.
    RecentEvents.prototype.replay = function (this: RecentEvents, ...args) {
      reads += 1;
      if (reads > 1_000) {
        throw new Error('It reads and reads.');
      }
      return replay.apply(this, args);
    };
  });
  afterEach(() => {
    RecentEvents.prototype.replay = replay;
  });

  it('goes live again where it lagged and has missed events of that channel only', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a', 'b'], { userId: 'u' });
    client.transport.stall();
    await publishAll(hub, 'a', 'x'.repeat(1_100));
    await settled();
    expect(client.connection.state).toBe('lagging');
    await publishAll(hub, 'b', 'for members');
    await settled();
    await hub.unsubscribe({ userId: 'u' }, 'b');
    client.transport.resume();
    await settled();
    expect([reads < 10, client.connection.state]).toEqual([true, 'live']);
    await publishAll(hub, 'a', 'next');
    await settled();
    expect(client.data.slice(1)).toEqual(['next']);
  });

  it('goes live where that happens while the broker answers', async () => {
    const { hub, broker } = setUpHub();
    broker.holdsReplays = true;
    const client = request(hub, { userId: 'u' });
    const opening = openOn(hub, client, ['a', 'b']);
    await settled();
    broker.release();
    await settled();
    await publishAll(hub, 'b', 'for members');
    await settled();
    await hub.unsubscribe({ userId: 'u' }, 'b');
    broker.holdsReplays = false;
    broker.release();
    await opening;
    await settled();
    expect([reads < 10, client.connection.state]).toEqual([true, 'live']);
  });

  it('gets no history of the other channel where it leaves the one from its start while it opens', async () => {
    const waiting: (() => void)[] = [];
    const slow: BrokerFactory = (context) => {
      const broker = memoryBroker()(context);
      const subscribe = broker.subscribe.bind(broker);
      broker.subscribe = async (...args) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return subscribe(...args);
      };
      return broker;
    };
    const { hub } = setUpHub({ broker: slow });
    await publishAll(hub, 'news', 'old 1', 'old 2');
    const client = request(hub, { userId: 'u' });
    const opening = openOn(hub, client, [hub.channel('job').fromStart(), 'news']);
    await settled();
    await hub.unsubscribe({ userId: 'u' }, 'job');
    waiting.forEach((subscribed) => subscribed());
    await opening;
    await settled();
    expect(client.data).toEqual([]);
  });

  it('gives back what it held for the channel, and the rest when it closes, not when it has read its end', async () => {
    const { hub } = setUpHub();
    const given: string[] = [];
    const transport = new MemoryTransport();
    const connection = hub.connect({
      userId: 'u',
      ip: undefined,
      lastEventId: undefined,
      transport,
      lease: { leave: (channel) => given.push(channel), release: () => given.push('all') },
    });
    await openOn(hub, { connection, transport, data: [] }, ['a', 'b']);
    await hub.unsubscribe({ userId: 'u' }, 'b');
    expect(given).toEqual(['b']);
    transport.stall();
    connection.close();
    expect([given, transport.bufferedBytes > 0]).toEqual([['b', 'all'], true]);
  });

  it.each([
    ['revoked', 900],
    ['expired', 900],
    ['server', 5_000],
  ] as const)('reads its end, if it is %s, for no longer than %i ms', async (reason, ms) => {
    const { hub, clock } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a']);
    transport.stall();
    await hub.publish('a', { data: 'unread' });
    await settled();
    connection.close(reason);
    clock.advance(ms - 1);
    expect(transport.destroyed).toBe(false);
    clock.advance(1);
    expect(transport.destroyed).toBe(true);
  });
});
