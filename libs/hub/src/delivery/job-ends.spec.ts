import { describe, expect, it } from '@jest/globals';
import { openClient, openOn, publishAll, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { recordOf } from '../spec-support/records.js';
import { controlsOf } from '../spec-support/stream-text.js';

const END = recordOf({ data: undefined, final: true });

describe('the mark of a job’s end', () => {
  it('counts as no event', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['job']);
    await publishAll(hub, 'job', '1');
    await hub.publishRecord('job', END);
    await settled();
    expect(client.connection.closeReason).toBe('complete');
    expect([client.connection.messages, hub.stats().delivered]).toEqual([1, 1]);
  });

  it.each(['r'.repeat(990), 'r'.repeat(5_000)])(
    'takes no place from the last event: drop-oldest',
    async (result) => {
      const options = { overflow: { maxBufferedBytes: 1_000, policy: 'drop-oldest' as const, stallMs: 0 } };
      const { hub } = setUpHub();
      const client = await openClient(hub, ['job'], { options });
      client.transport.stall();
      await publishAll(hub, 'job', 'x'.repeat(1_100));
      await settled();
      expect(client.connection.state).toBe('lagging');
      await publishAll(hub, 'job', result);
      await hub.publishRecord('job', END);
      client.transport.resume();
      await settled();
      expect(client.connection.closeReason).toBe('complete');
      expect(client.data.slice(1)).toEqual([result]);
      expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
    },
  );

  it('closes the stream wherever its pages were cut', async () => {
    const { hub } = setUpHub();
    const id = await hub.publish('x', { data: '' });
    const rest = `id: ${id}\ndata: \n\n`.length;
    await hub.publish('job', { data: 'y'.repeat(64 * 1024 - 6 - rest) });
    await hub.publishRecord('job', END);
    const client = request(hub);
    client.transport.stall();
    await openOn(hub, client, [hub.channel('job').fromStart()]);
    await settled();
    client.transport.resume();
    await settled();
    expect(client.connection.closeReason).toBe('complete');
  });

  it('costs a client of several channels no ephemeral event of another while the broker answers', async () => {
    const { hub, broker } = setUpHub();
    const client = await openClient(hub, ['job', 'room']);
    broker.holdsReplays = true;
    await hub.publishRecord('job', END);
    await settled();
    await hub.publish('room', { data: 'typing', ephemeral: true });
    await settled();
    broker.holdsReplays = false;
    while (broker.release()) {
      await settled();
    }
    await settled();
    expect(client.data).toEqual(['typing']);
    expect(client.connection.state).toBe('live');
  });

  it('closes nobody for whom the job has begun anew meanwhile', async () => {
    const { hub, broker } = setUpHub();
    const client = await openClient(hub, ['job']);
    broker.holdsReplays = true;
    await hub.publishRecord('job', END);
    await settled();
    broker.release();
    await settled();
    await publishAll(hub, 'job', 'again');
    await settled();
    broker.holdsReplays = false;
    broker.release();
    await settled();
    expect([client.data, client.connection.state]).toEqual([['again'], 'live']);
  });
});
