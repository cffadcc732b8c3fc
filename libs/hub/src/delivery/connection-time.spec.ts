import { describe, expect, it } from '@jest/globals';
import { caught } from '../spec-support/caught.js';
import {
  type Client,
  openClient,
  publishAll,
  request,
  setUpHub,
  settled,
} from '../spec-support/hub-fixture.js';
import { MemoryTransport } from '../spec-support/memory-transport.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';
import type { HubConnection } from './hub-connection.js';

const beats = ({ transport }: Client): number => readStream(transport.text).comments.length;

describe('a connection over time', () => {
  const heartbeat = { intervalMs: 1_000, visible: false };

  it('gives a quiet stream heartbeats, and a busy one none', async () => {
    const { hub, clock } = setUpHub();
    const still = await openClient(hub, ['still'], { options: { heartbeat } });
    const busy = await openClient(hub, ['busy'], { options: { heartbeat } });
    for (let second = 0; second < 10; second += 1) {
      clock.advance(900);
      await publishAll(hub, 'busy', String(second));
      await settled();
    }
    expect([beats(still), beats(busy)]).toEqual([9, 0]);
    clock.advance(1_000);
    expect([beats(still), beats(busy)]).toEqual([10, 1]);
  });

  it('counts no heartbeat as an event', async () => {
    const { hub, clock } = setUpHub();
    const client = await openClient(hub, ['a'], { options: { heartbeat } });
    clock.advance(5_000);
    expect([client.connection.messages, beats(client)]).toEqual([0, 5]);
  });

  it('shows heartbeats to scripts where it is told to', async () => {
    const { hub, clock } = setUpHub();
    const client = await openClient(hub, ['a'], { options: { heartbeat: { ...heartbeat, visible: true } } });
    clock.advance(1_000);
    expect(controlsOf(client.transport.text, 'sse:heartbeat')).toEqual([{ at: clock.now() }]);
    expect(readStream(client.transport.text).events.at(-1)?.id).toBeUndefined();
  });

  it('adds no heartbeat to what a socket has not taken', async () => {
    const { hub, clock } = setUpHub();
    const client = await openClient(hub, ['a'], {
      transport: new MemoryTransport('none', 10),
      options: { heartbeat },
    });
    client.transport.stall();
    await publishAll(hub, 'a', 'x'.repeat(50));
    await settled();
    const held = client.transport.bufferedBytes;
    clock.advance(10_000);
    expect(client.transport.bufferedBytes).toBe(held);
    client.transport.resume();
    clock.advance(1_000);
    expect(beats(client)).toBe(1);
  });

  it('ends a stream at its age, within the jitter', async () => {
    const { hub, clock } = setUpHub();
    const options = { maxConnectionAge: { ms: 10_000, jitter: 0.2 } };
    const connections: HubConnection[] = [];
    for (let index = 0; index < 50; index += 1) {
      connections.push((await openClient(hub, ['a'], { options })).connection);
    }
    const open = (): number => connections.filter(({ closed }) => !closed).length;
    clock.advance(7_999);
    expect(open()).toBe(50);
    clock.advance(2_000);
    expect(open()).toBeGreaterThan(5);
    expect(open()).toBeLessThan(45);
    clock.advance(2_001);
    expect([open(), connections[0]?.closeReason]).toEqual([0, 'max-age']);
  });

  it('ends a stream when its credentials do', async () => {
    const { hub, clock } = setUpHub();
    const byDate = await openClient(hub, ['a']);
    const byNumber = await openClient(hub, ['a']);
    const past = await openClient(hub, ['a']);
    const never = await openClient(hub, ['a']);
    byDate.connection.expireAt(new Date(clock.now() + 500));
    byNumber.connection.expireAt(clock.now() + 500);
    past.connection.expireAt(new Date(0));
    never.connection.expireAt(Infinity);
    clock.advance(499);
    expect([byDate, byNumber, past].map(({ connection }) => connection.closeReason)).toEqual([
      undefined,
      undefined,
      'expired',
    ]);
    clock.advance(1);
    expect([byDate, byNumber, never].map(({ connection }) => connection.closeReason)).toEqual([
      'expired',
      'expired',
      undefined,
    ]);
  });

  it('lets a later end take the place of an earlier one, as when a token is renewed', async () => {
    const { hub, clock } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    connection.expireAt(clock.now() + 500);
    connection.expireAt(clock.now() + 1_000);
    clock.advance(999);
    expect(connection.closeReason).toBeUndefined();
    clock.advance(1);
    expect(connection.closeReason).toBe('expired');
  });

  it('refuses an end that is no time, instead of letting the stream live for good', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    for (const time of [Number.NaN, new Date('tomorrow')]) {
      expect((await caught(() => connection.expireAt(time))).code).toBe('INVALID_OPTION');
    }
  });

  it('may set the end before the stream is open, or after it is over', async () => {
    const { hub, clock } = setUpHub();
    const early = request(hub);
    early.connection.expireAt(clock.now() + 100);
    clock.advance(100);
    expect(early.connection.closeReason).toBe('expired');
    early.connection.expireAt(clock.now() + 100);
    expect(clock.pending).toBe(0);
  });
});
