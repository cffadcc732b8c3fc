import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { openClient, openOn, publishAll, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';

const END = {
  type: '',
  data: undefined,
  json: false,
  key: undefined,
  ephemeral: false,
  retryMs: undefined,
  final: true,
};

describe('opening', () => {
  it('begins with what comes from now on, and a priming id', async () => {
    const { hub } = setUpHub();
    const [last = ''] = await publishAll(hub, 'a', 'before');
    const client = await openClient(hub, ['a']);
    expect(client.transport.text).toContain(`\nid: ${last}\n\n`);
    await publishAll(hub, 'a', 'after');
    await settled();
    expect(client.data).toEqual(['after']);
  });

  it('begins with everything that the log has, from the start', async () => {
    const { hub } = setUpHub();
    await publishAll(hub, 'a', '1', '2');
    const client = await openClient(hub, [hub.channel('a').fromStart()]);
    await settled();
    expect(client.data).toEqual(['1', '2']);
  });

  it('goes on after a Last-Event-ID, whichever channel it is of', async () => {
    const { hub } = setUpHub();
    await publishAll(hub, 'a', '1');
    const [id = ''] = await publishAll(hub, 'b', '2');
    await publishAll(hub, 'a', '3');
    await publishAll(hub, 'b', '4');
    const client = await openClient(hub, ['a', 'b'], { lastEventId: id });
    await settled();
    expect(client.data).toEqual(['3', '4']);
  });

  it('reads a long log page by page', async () => {
    const { hub, broker } = setUpHub({ history: { maxEvents: 1_000, maxAgeMs: 1_000 } });
    const texts = Array.from({ length: 700 }, (_, index) => String(index));
    await publishAll(hub, 'a', ...texts);
    const client = await openClient(hub, [hub.channel('a').fromStart()]);
    await settled();
    expect(client.data).toEqual(texts);
    expect(broker.replays).toBe(3);
  });

  it('lets others have their turn between two pages', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 10_000, maxAgeMs: 1_000 } });
    await publishAll(hub, 'a', ...Array.from({ length: 10 * 256 }, String));
    const client = await openClient(hub, [hub.channel('a').fromStart()]);
    const counts: number[] = [];
    while (client.connection.state !== 'live') {
      counts.push(client.connection.messages);
      await nextTurn();
    }
    expect(client.connection.messages).toBe(2_560);
    expect(new Set(counts).size).toBeGreaterThanOrEqual(9);
  });

  for (const start of ['now', 'start'] as const) {
    it(`takes a client's own Last-Event-ID "${start}" for garbage`, async () => {
      const { hub } = setUpHub();
      await publishAll(hub, 'a', '1');
      const client = await openClient(hub, ['a'], { lastEventId: start });
      await settled();
      expect(controlsOf(client.transport.text, 'sse:gap')).toMatchObject([{ reason: 'unknown-id' }]);
      expect(client.data).toEqual(['1']);
    });
  }

  it('tells a gap with the current id, before what the log still has', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2, maxAgeMs: 1_000 } });
    const [first = '', , , last = ''] = await publishAll(hub, 'a', '1', '2', '3', '4');
    const client = await openClient(hub, ['a'], { lastEventId: first });
    await settled();
    const { events } = readStream(client.transport.text);
    expect(events.map(({ type, data }) => (type === 'message' ? data : type))).toEqual([
      'sse:connected',
      'sse:gap',
      '3',
      '4',
    ]);
    const [gap] = controlsOf(client.transport.text, 'sse:gap');
    expect(gap).toEqual({ reason: 'trimmed', channels: ['a'], id: last });
    // Cut off here, the client must not take itself for one that has lost nothing.
    expect(client.transport.text.split('event: sse:gap')[0]).not.toContain('id: ');
  });

  it('gives an id to resume from after a gap that nothing follows', async () => {
    const { hub, clock } = setUpHub();
    const [first = '', last = ''] = await publishAll(hub, 'a', '1', '2');
    clock.advance(86_400_000);
    const client = await openClient(hub, ['a'], { lastEventId: first });
    await settled();
    expect(client.transport.text.endsWith(`id: ${last}\n\n`)).toBe(true);
    const again = await openClient(hub, ['a'], { lastEventId: last });
    expect(controlsOf(again.transport.text, 'sse:gap')).toEqual([]);
  });

  it('writes nothing if the broker fails, and leaves no subscription', async () => {
    for (const failing of [{ subscribe: new Error('down') }, { replay: new Error('down') }]) {
      const { hub, broker } = setUpHub();
      broker.failing = failing;
      const client = request(hub);
      await expect(openOn(hub, client, ['a', 'b'])).rejects.toThrow('down');
      await settled();
      expect([client.transport.headers, client.connection.closeReason]).toEqual([undefined, 'error']);
      expect([broker.subscriptions, hub.stats().channels, hub.connections()]).toEqual([0, 0, []]);
    }
  });

  it('leaves no subscription if the client goes while it opens', async () => {
    const { hub, broker } = setUpHub();
    broker.holdsReplays = true;
    const client = request(hub);
    const opening = openOn(hub, client, ['a']);
    await nextTurn();
    client.transport.hangUp();
    await nextTurn();
    while (broker.release()) {
      await nextTurn();
    }
    await opening;
    expect([client.connection.closeReason, client.transport.headers]).toEqual(['client', undefined]);
    expect([broker.subscriptions, hub.stats().channels]).toEqual([0, 0]);
  });

  it('subscribes once to a channel that is named twice', async () => {
    const { hub, broker } = setUpHub();
    const client = await openClient(hub, ['a', 'a']);
    expect(broker.subscriptions).toBe(1);
    await publishAll(hub, 'a', '1');
    await settled();
    expect(client.data).toEqual(['1']);
  });
});

describe('the end of channels', () => {
  it('closes the connection when all have ended', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a', 'b']);
    await publishAll(hub, 'a', '1');
    await hub.publishRecord('a', END);
    await settled();
    expect(client.connection.closeReason).toBeUndefined();
    await publishAll(hub, 'b', '2');
    await hub.publishRecord('b', END);
    await settled();
    expect(client.data).toEqual(['1', '2']);
    expect(controlsOf(client.transport.text, 'sse:goodbye')).toEqual([{ reason: 'complete' }]);
    expect([client.connection.closeReason, client.transport.ended]).toEqual(['complete', true]);
  });

  it('goes on with what follows the end of one of them in the same turn', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a', 'b']);
    void hub.publishRecord('a', END);
    void publishAll(hub, 'b', '1', '2');
    await settled();
    await publishAll(hub, 'b', '3');
    await settled();
    expect(client.data).toEqual(['1', '2', '3']);
    expect(client.connection.state).toBe('live');
  });

  it('is "ended" for a client that has had it all: nothing is written', async () => {
    const { hub } = setUpHub();
    await publishAll(hub, 'a', '1');
    const end = await hub.publishRecord('a', END);
    const client = request(hub, { lastEventId: end });
    expect(await openOn(hub, client, ['a'])).toBe('ended');
    expect([client.transport.headers, client.connection.closeReason]).toEqual([undefined, 'complete']);
    expect(hub.connections()).toEqual([]);
  });

  it('comes after the rest for a client that has not', async () => {
    const { hub } = setUpHub();
    const [first = ''] = await publishAll(hub, 'a', '1', '2');
    const end = await hub.publishRecord('a', END);
    const client = await openClient(hub, ['a'], { lastEventId: first });
    await settled();
    expect(client.data).toEqual(['2']);
    expect(client.transport.text).toContain(`id: ${end}\n\n`);
    expect(client.connection.closeReason).toBe('complete');
  });
});
