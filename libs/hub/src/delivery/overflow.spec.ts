import { describe, expect, it } from '@jest/globals';
import {
  type Client,
  openClient,
  openOn,
  publishAll,
  request,
  setUpHub,
  settled,
} from '../spec-support/hub-fixture.js';
import { controlsOf } from '../spec-support/stream-text.js';

const LONG = 'x'.repeat(600);
/** The fixture lets 1,000 bytes wait: the second event is too much. */
async function overflow(client: Client, publish: (text: string) => Promise<unknown>): Promise<void> {
  client.transport.stall();
  for (const text of ['1', '2']) {
    await publish(text + LONG);
    await settled();
  }
}

describe('a client that reads too slowly', () => {
  it('is written nothing more, and catches up with all when it has drained', async () => {
    const { hub } = setUpHub();
    const slow = await openClient(hub, ['a']);
    const fast = await openClient(hub, ['a']);
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    expect([slow.connection.state, hub.stats().lagging]).toEqual(['lagging', 1]);
    const held = slow.transport.bufferedBytes;
    await publishAll(hub, 'a', '3', '4');
    await settled();
    await publishAll(hub, 'a', '5');
    await settled();
    expect(slow.transport.bufferedBytes).toBe(held);
    expect(fast.data.slice(2)).toEqual(['3', '4', '5']);
    slow.transport.resume();
    await settled();
    expect(slow.data).toEqual(fast.data);
    expect(slow.connection.state).toBe('live');
    await publishAll(hub, 'a', '6');
    await settled();
    expect(slow.data.slice(2)).toEqual(['3', '4', '5', '6']);
  });

  it('is written no more of a replay than may wait, and the rest when it has drained', async () => {
    const { hub } = setUpHub();
    const large = 'x'.repeat(100_000);
    const ids = await publishAll(hub, 'a', '1', ...Array.from({ length: 20 }, () => large));
    const slow = request(hub, { lastEventId: ids[0] ?? '' });
    slow.transport.stall();
    await openOn(hub, slow, ['a']);
    await settled();
    expect(slow.connection.state).toBe('lagging');
    expect(slow.transport.bufferedBytes).toBeLessThan(2 * large.length);
    slow.transport.resume();
    await settled();
    expect(slow.data).toEqual(Array.from({ length: 20 }, () => large));
    expect(slow.connection.state).toBe('live');
  });

  it('is told of a gap where the log has moved on meanwhile', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2, maxAgeMs: 60_000 } });
    const slow = await openClient(hub, ['a']);
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    await publishAll(hub, 'a', '3', '4', '5');
    await settled();
    slow.transport.resume();
    await settled();
    expect(controlsOf(slow.transport.text, 'sse:gap')).toMatchObject([
      { reason: 'trimmed', channels: ['a'] },
    ]);
    expect(slow.data.slice(2)).toEqual(['4', '5']);
  });

  it('asks this node before the broker, and the broker where this node hasn’t all of it', async () => {
    const { hub, broker } = setUpHub({ recent: { maxEvents: 3, maxLength: 10_000 } });
    const slow = await openClient(hub, ['a', 'b']);
    const opening = broker.replays;
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    await publishAll(hub, 'b', '3', '4', '5');
    slow.transport.resume();
    await settled();
    expect([slow.data.slice(2), broker.replays - opening]).toEqual([['3', '4', '5'], 0]);
    await overflow(slow, (text) => publishAll(hub, 'b', text));
    await publishAll(hub, 'a', '6', '7', '8', '9');
    slow.transport.resume();
    await settled();
    expect([slow.data.slice(7), broker.replays - opening]).toEqual([['6', '7', '8', '9'], 1]);
  });

  it('lags again if what it missed is too much as well, page by page', async () => {
    const { hub, broker } = setUpHub({ recent: { maxEvents: 0, maxLength: 0 } });
    const slow = await openClient(hub, ['a']);
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    const missed = Array.from({ length: 600 }, (_, index) => `missed ${index}`);
    await publishAll(hub, 'a', ...missed);
    await settled();
    const before = broker.replays;
    slow.transport.resume();
    slow.transport.stall();
    await settled();
    expect([slow.connection.state, broker.replays - before]).toEqual(['lagging', 1]);
    slow.transport.resume();
    await settled();
    expect(slow.data.slice(2)).toEqual(missed);
  });

  it('is closed at once where the policy says so', async () => {
    const { hub } = setUpHub();
    const options = { overflow: { maxBufferedBytes: 1_000, policy: 'disconnect' as const, stallMs: 0 } };
    const slow = await openClient(hub, ['a'], { options });
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    expect(slow.connection.closeReason).toBe('overflow');
    expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 });
    expect(controlsOf(slow.transport.text, 'sse:goodbye')).toEqual([{ reason: 'overflow' }]);
  });

  it('is not too slow for what it has asked for itself, however much that is', async () => {
    const { hub } = setUpHub();
    const large = 'x'.repeat(100_000);
    await publishAll(hub, 'a', large, large, large);
    const options = { overflow: { maxBufferedBytes: 1_000, policy: 'disconnect' as const, stallMs: 0 } };
    const client = request(hub);
    client.transport.stall();
    await openOn(hub, client, [hub.channel('a').fromStart()], { options });
    await settled();
    expect(client.connection.state).toBe('lagging');
    client.transport.resume();
    await settled();
    expect([client.connection.state, client.data.length]).toEqual(['live', 3]);
    client.transport.stall();
    await publishAll(hub, 'a', large);
    await settled();
    expect(client.connection.closeReason).toBe('overflow');
  });

  it('holds nothing for good after it was closed: it is cut off if it never reads on', async () => {
    const { hub, clock } = setUpHub();
    const options = { overflow: { maxBufferedBytes: 1_000, policy: 'disconnect' as const, stallMs: 0 } };
    const slow = await openClient(hub, ['a'], { options });
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    expect(slow.transport.destroyed).toBe(false);
    clock.advance(60_000);
    expect(slow.transport.destroyed).toBe(true);
  });

  it('may go while it lags', async () => {
    const { hub, broker } = setUpHub();
    const slow = await openClient(hub, ['a']);
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    slow.transport.hangUp();
    await settled();
    expect([slow.connection.closeReason, broker.subscriptions]).toEqual(['client', 0]);
  });

  it('is closed with an error if the log can’t be read when it has drained', async () => {
    const { hub, broker, errors } = setUpHub({ recent: { maxEvents: 0, maxLength: 0 } });
    const slow = await openClient(hub, ['a']);
    await overflow(slow, (text) => publishAll(hub, 'a', text));
    broker.failing = { replay: new Error('down') };
    await publishAll(hub, 'a', '3');
    slow.transport.resume();
    await settled();
    expect(slow.connection.closeReason).toBe('error');
    expect(errors).toEqual([expect.stringContaining('down')]);
  });
});
