import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { type SseStream, type StreamEvent, rawRequest } from '@nestcast/testing';
import { Controller, Param } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('streams')
class StreamsController {
  @SseChannel(':name')
  one(@Param('name') name: string) {
    return name === 'pair' ? ['ticks:eu', 'news'] : name;
  }
}

const BURST = 250;
/** Long enough for two turns of the event loop on a busy machine. */
const COALESCE_MS = 400;

interface BatchData {
  readonly count: number;
  readonly items: readonly { readonly type: string; readonly data: number }[];
}

const read = ({ data }: StreamEvent): BatchData => JSON.parse(data) as BatchData;

/** Batch events until they have this many items. */
async function takeItems(stream: SseStream, count: number): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for (let items = 0; items < count; items += read(events.at(-1) as StreamEvent).items.length) {
    events.push(await stream.next());
  }
  return events;
}

describe.each(adapters)('bursts on %s', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(adapter, {
      controllers: [StreamsController],
      sse: {
        channels: {
          'ticks:*': { batch: { maxItems: 60 } },
          held: { coalesceMs: COALESCE_MS },
        },
      },
    });
  });
  afterEach(() => app.close());

  const publishBurst = (): Promise<string>[] =>
    Array.from({ length: BURST }, (_, data) => app.channels.publish('ticks:eu', { type: 'tick', data }));

  it('arrive as few events with all that was published, in order, and can be resumed between them', async () => {
    const stream = await app.open('/streams/ticks:eu');
    await stream.connectionId();
    const ids = await Promise.all(publishBurst());
    const events = await takeItems(stream, BURST);
    expect(events.length).toBeLessThanOrEqual(1 + Math.ceil(BURST / 60));
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['batch']));
    expect(events.map((event) => read(event).count)).toEqual(events.map((event) => read(event).items.length));
    const items = events.flatMap((event) => read(event).items);
    expect(items).toEqual(ids.map((_, data) => ({ type: 'tick', data })));
    expect(events.flatMap((event) => read(event).items.map(() => event.id))).toEqual(ids);

    const resumed = await app.open('/streams/ticks:eu', { lastEventId: events[1]?.id ?? '' });
    const rest = await resumed.take(events.length - 2);
    expect(rest.map(({ id, data }) => [id, data])).toEqual(events.slice(2).map(({ id, data }) => [id, data]));
  });

  it('arrive before the stream ends, however it is ended', async () => {
    const stream = await app.open('/streams/pair');
    const id = await stream.connectionId();
    const published = publishBurst();
    void app.channels.publish('news', { type: 'note', data: 'you are logged out' });
    expect(await app.channels.disconnect({ connectionId: id }, 'revoked')).toBe(1);
    await Promise.all(published);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    const batches = stream.received.filter(({ type }) => type === 'batch');
    expect(batches.flatMap((event) => read(event).items)).toHaveLength(BURST);
    expect(stream.received.map(({ data }) => data)).toContain('you are logged out');
  });

  it.each([
    ['in one write where a window is set', 'held', 1],
    ['in a write a turn else', 'free', 2],
  ])('of several turns leave %s', async (_what, name, chunks) => {
    const exchange = rawRequest({
      port: app.port,
      text: `GET /streams/${name} HTTP/1.1\r\nHost: x\r\n\r\n`,
    });
    await exchange.readUntil('sse:connected');
    for (const data of ['first', 'second']) {
      await app.channels.publish(name, { data });
      await nextTurn();
      await nextTurn();
    }
    await exchange.readUntil('data: second\n\n');
    const between = exchange.text.slice(
      exchange.text.indexOf('data: first'),
      exchange.text.indexOf('data: second'),
    );
    // Events have LF alone: a CR is of the next chunk's frame.
    expect(between.includes('\r') ? 2 : 1).toBe(chunks);
    exchange.destroy();
  });
});
