import { describe, expect, it } from '@jest/globals';
import { openClient, publishAll, quiet, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { MemoryTransport } from '../spec-support/memory-transport.js';
import { controlsOf } from '../spec-support/stream-text.js';
import type { OverflowPolicy } from '../hub-options.js';

const FILL = 'x'.repeat(1_500);
const stalling = (policy: OverflowPolicy = 'catch-up') => ({
  overflow: { maxBufferedBytes: 1_000, policy, stallMs: 1_000 },
});

/** Has the same figure whenever something waits. */
class ForgetfulTransport extends MemoryTransport {
  override get progress(): number | undefined {
    return super.progress === undefined ? undefined : 0;
  }
}

describe('a client that takes nothing', () => {
  it.each(['catch-up', 'conflate', 'drop-oldest'] as const)(
    'is cut off after stallMs, at most half of it later, while it lags (%s)',
    async (policy) => {
      const { hub, clock, errors } = setUpHub();
      const { connection, transport } = await openClient(hub, ['a'], { options: stalling(policy) });
      clock.advance(10_000);
      transport.stall();
      await publishAll(hub, 'a', FILL);
      await settled();
      expect(connection.state).toBe('lagging');
      clock.advance(1_000);
      expect(connection.closed).toBe(false);
      clock.advance(500);
      expect([connection.closeReason, transport.destroyed]).toEqual(['overflow', true]);
      expect(controlsOf(transport.text, 'sse:goodbye')).toEqual([]);
      expect(hub.stats()).toMatchObject({ connections: 0, closes: { overflow: 1 } });
      expect(errors).toEqual([]);
    },
  );

  it('is cut off when next to nothing waits for it, heartbeats for instance', async () => {
    const { hub, clock } = setUpHub();
    const options = { ...stalling(), heartbeat: { intervalMs: 400, visible: false } };
    const { connection, transport } = await openClient(hub, ['a'], { options });
    transport.stall();
    clock.advance(400 + 1_500);
    expect([connection.state, connection.closeReason]).toEqual(['closed', 'overflow']);
  });

  it('is cut off where its stream is private', () => {
    const { hub, clock } = setUpHub();
    const { connection, transport } = request(hub);
    const stream = hub.openPrivate(connection);
    stream.begin({ ...quiet, ...stalling('conflate') });
    transport.stall();
    stream.send({ data: FILL });
    stream.send({ data: 'held back' });
    expect(connection.state).toBe('lagging');
    clock.advance(1_500);
    expect([connection.closeReason, transport.destroyed, clock.pending]).toEqual(['overflow', true, 0]);
  });

  it('is not cut off where it reads slowly but steadily', async () => {
    const { hub, clock } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a'], { options: stalling() });
    transport.stall();
    await publishAll(hub, 'a', FILL);
    await settled();
    for (let read = 0; read < 20; read += 1) {
      clock.advance(900);
      transport.read(1);
    }
    expect(connection.state).toBe('lagging');
    transport.resume();
    await settled();
    expect(connection.state).toBe('live');
    clock.advance(60_000);
    expect(connection.state).toBe('live');
  });

  it('begins anew to be waited for with each thing it has read', async () => {
    const { hub, clock } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a'], {
      options: stalling(),
      transport: new ForgetfulTransport(),
    });
    for (let time = 0; time < 10; time += 1) {
      transport.stall();
      await publishAll(hub, 'a', 'same size');
      await settled();
      clock.advance(750);
      transport.resume();
      clock.advance(250);
    }
    expect(connection.state).toBe('live');
  });

  it('may take for ever where stallMs is 0', async () => {
    const { hub, clock } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a']);
    transport.stall();
    await publishAll(hub, 'a', FILL);
    await settled();
    clock.advance(10 * 60_000);
    expect(connection.closed).toBe(false);
  });
});
