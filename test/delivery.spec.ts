import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { ResumingClient, type SseStream } from '@nestcast/testing';
import { Controller, Param } from '@nestjs/common';
import { lateBroker } from './support/late-broker.js';
import { type Adapter, type TestApp, adapters, startApp } from './support/nest-app.js';
import { Publisher } from './support/publisher.js';

@Controller('streams')
class StreamsController {
  @SseChannel('pair')
  pair() {
    return ['a', 'b'];
  }

  @SseChannel(':name')
  one(@Param('name') name: string) {
    return name;
  }
}

const CUTS = 200;

describe.each(adapters)('delivery on %s', (adapter) => {
  let app: TestApp;
  let cleanUp: (() => Promise<void>) | undefined;
  const start = async (sse?: Parameters<typeof startApp>[1]['sse'], on: Adapter = adapter): Promise<void> => {
    app = await startApp(on, {
      controllers: [StreamsController],
      ...(sse && { sse }),
    });
  };
  afterEach(async () => {
    await cleanUp?.();
    cleanUp = undefined;
    await app.close();
  });

  it(`[D1] a client that is cut off ${CUTS} times while events are published sees each once, in order`, async () => {
    await start({ broker: lateBroker(), history: { maxEvents: 100_000 } });
    // One that stays: its channels are always live, so that batches wait while the other replays.
    const steady = await app.open('/streams/pair', { timeoutMs: 30_000 });
    await steady.control('sse:connected');
    const client = new ResumingClient(`${app.url}/streams/pair`, { timeoutMs: 30_000 });
    const publisher = new Publisher(app.channels, ['a', 'b']);
    cleanUp = async () => {
      await publisher.stop();
      await client.close();
    };
    await client.connected();
    publisher.start();
    for (let cut = 0; cut < CUTS; cut += 1) {
      await client.cut();
      const seen = client.events.length;
      // On some connections events come before the next cut, on others not.
      if (cut % 3 > 0) {
        await client.until(({ events }) => events.length > seen + (cut % 7));
      }
    }
    const published = await publisher.stop();
    await client.until(({ events }) => events.length >= published.length);
    await client.close();

    expect(client.reconnects).toBeGreaterThanOrEqual(CUTS);
    expect(client.gaps).toEqual([]);
    expect(client.events.map(({ data }) => data)).toEqual(published.map(({ data }) => data));
    expect(client.events.map(({ id }) => id)).toEqual(published.map(({ id }) => id));
    expect((await steady.take(published.length)).map(({ id }) => id)).toEqual(published.map(({ id }) => id));
  }, 60_000);

  it('[D1] a client cut off before its first event resumes from where it was', async () => {
    await start();
    const first = await app.open('/streams/a');
    await first.control('sse:connected');
    // The frame of an id alone, after the retry hint and sse:connected.
    const priming = [await first.nextFrame(), await first.nextFrame(), await first.nextFrame()].at(-1);
    expect(priming?.fields.map(({ name }) => name)).toEqual(['id']);
    await first.abort();
    await app.channels.publish('a', { data: 'while it was away' });
    const second = await app.open('/streams/a', { lastEventId: first.lastEventId });
    expect((await second.next()).data).toBe('while it was away');
  });

  it('[D1] several channels share one cursor and one order', async () => {
    await start();
    const stream = await app.open('/streams/pair');
    await stream.control('sse:connected');
    // All in one turn of the event loop.
    const ids = await Promise.all(
      ['a', 'b', 'b', 'a', 'b', 'a'].map((name, index) => app.channels.publish(name, { data: index })),
    );
    const events = await stream.take(ids.length);
    expect(events.map(({ data }) => data)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(events.map(({ id }) => id)).toEqual(ids);
  });

  it('[D1] an event of a channel that the connection does not have never arrives', async () => {
    await start();
    const stream = await app.open('/streams/a');
    await stream.control('sse:connected');
    await app.channels.publish('b', { data: 'not for it' });
    await app.channels.publish('a', { data: 'for it' });
    expect((await stream.next()).data).toBe('for it');
  });

  it('[D2] what the log no longer has is told, and what it still has follows', async () => {
    await start({ history: { maxEvents: 3 } });
    const ids: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      ids.push(await app.channels.publish('a', { data: index }));
    }
    const stream = await app.open('/streams/a', { lastEventId: ids[0] ?? '' });
    expect(await stream.control('sse:gap')).toEqual({ reason: 'trimmed', channels: ['a'], id: ids.at(-1) });
    const rest = await stream.take(3);
    expect(rest.map(({ data }) => data)).toEqual(['3', '4', '5']);
    expect(stream.lastEventId).toBe(ids.at(-1));
  });

  it('[D2] a client of an earlier life of the log is told, and its next cursor is of this one', async () => {
    await start();
    await app.channels.publish('a', { data: 'before' });
    const stream = await app.open('/streams/a', { lastEventId: 'earlier.7' });
    expect(await stream.control('sse:gap')).toMatchObject({ reason: 'epoch', channels: ['a'] });
    expect((await stream.next()).data).toBe('before');
    await stream.abort();
    const again = await app.open('/streams/a', { lastEventId: stream.lastEventId });
    const id = await app.channels.publish('a', { data: 'after' });
    expect(await again.next()).toMatchObject({ data: 'after', id });
    expect(again.received.map(({ type }) => type)).not.toContain('sse:gap');
  });

  it('[D2] a gap on a quiet channel still leaves the client with a cursor that can be resumed', async () => {
    await start();
    const stream = await app.open('/streams/a', { lastEventId: 'garbage' });
    await stream.control('sse:gap');
    await stream.nextFrame();
    await expectResumable(stream);
  });

  it('[D3] a client that stops reading catches up from the log, in order and without a loss', async () => {
    await start({ overflow: { maxBufferedBytes: 64 * 1024 }, history: { maxEvents: 10_000 } });
    const slow = await app.open('/streams/a', { timeoutMs: 20_000 });
    const quick = await app.open('/streams/a');
    await slow.control('sse:connected');
    await quick.control('sse:connected');
    slow.pause();
    const filler = 'x'.repeat(64 * 1024);
    let count = 0;
    while (app.channels.stats().lagging === 0) {
      await app.channels.publish('a', { data: `${count} ${filler}` });
      await quick.next();
      count += 1;
    }
    for (let more = 0; more < 50; more += 1, count += 1) {
      await app.channels.publish('a', { data: `${count} ${filler}` });
    }
    slow.resume();
    const events = await slow.take(count);
    expect(events.map(({ data }) => Number.parseInt(data, 10))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
  });

  async function expectResumable(stream: SseStream): Promise<void> {
    await stream.abort();
    const id = await app.channels.publish('a', { data: 'next' });
    const again = await app.open('/streams/a', { lastEventId: stream.lastEventId });
    expect(await again.next()).toMatchObject({ data: 'next', id });
    expect(again.received.map(({ type }) => type)).not.toContain('sse:gap');
  }
});
