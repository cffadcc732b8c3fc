import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventId } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import type { RedisPortFactory } from '../connection/redis-port.js';
import type { RedisBroker } from '../redis-broker.js';
import { BrokerNodes } from '../spec-support/broker-nodes.js';
import { FeedRecorder } from '../spec-support/feed-recorder.js';

/** Connections on which messages with one of these words get lost. */
const losing =
  (...words: readonly string[]) =>
  (connect: RedisPortFactory): RedisPortFactory =>
  (listener) =>
    connect({
      message: (channel, text) => {
        if (!words.some((word) => text.includes(word))) {
          listener.message(channel, text);
        }
      },
      listening: () => listener.listening(),
      available: () => listener.available(),
      unavailable: (reason) => listener.unavailable(reason),
    });

describe('the live feed of a node', () => {
  let server: RedisServer;
  let nodes: BrokerNodes;
  let writer: RedisBroker;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    nodes = new BrokerNodes();
    writer = nodes.node(server.url);
  });
  afterEach(async () => {
    await nodes.close();
    expect(nodes.reports).toEqual([]);
  });

  const publish = (channel: string, data: string): Promise<EventId> =>
    writer.publish(channel, eventRecord({ data }));

  it('closes the hole of a message that got lost, in order', async () => {
    const node = nodes.node(server.url, { over: losing('lost') });
    const recorder = await FeedRecorder.of(node, 'a', 'b');
    const ids = await Promise.all(['1', 'lost 2', 'lost 3', '4'].map((data) => publish('a', data)));
    ids.push(await publish('b', '5'));
    await recorder.until('5');
    expect(recorder.heard).toEqual(['1', 'lost 2', 'lost 3', '4', '5']);
    expect(recorder.ids).toEqual(ids);
  });

  it('says what is lost where later events of another channel have gone before', async () => {
    const node = nodes.node(server.url, { over: losing('lost') });
    const a = await FeedRecorder.of(node, 'a');
    const b = await FeedRecorder.of(node, 'b');
    const first = await publish('b', '1');
    await publish('b', 'lost');
    await publish('a', '2');
    await publish('b', '3');
    await b.until('3');
    expect(b.heard).toEqual(['1', '!', '3']);
    expect(b.interruptions).toEqual([{ lostAfter: Number(first.split('.')[1]) }]);
    expect(a.heard).toEqual(['2']);
  });

  it('finds by its check that the last message got lost', async () => {
    const node = nodes.node(server.url, { over: losing('lost'), checkMs: 50 });
    const recorder = await FeedRecorder.of(node, 'a', 'b');
    await publish('a', '1');
    await publish('b', 'lost');
    await recorder.until('lost');
    await publish('a', '2');
    await recorder.until('2');
    expect(recorder.heard).toEqual(['1', 'lost', '2']);
  });

  it('reads the log where nothing comes any more, marks neither', async () => {
    let mute = false;
    const node = nodes.node(server.url, {
      checkMs: 50,
      over: (connect) => (listener) =>
        connect({
          message: (channel, text) => !mute && listener.message(channel, text),
          listening: () => listener.listening(),
          available: () => listener.available(),
          unavailable: (reason) => listener.unavailable(reason),
        }),
    });
    const recorder = await FeedRecorder.of(node, 'a');
    mute = true;
    await publish('a', '1');
    await recorder.until('1');
    expect(recorder.interruptions).toEqual([]);
  });

  it('loses and doubles nothing when its connections are cut again and again', async () => {
    const node = nodes.node(server.url);
    const channels = ['a', 'b', 'c'];
    const recorder = await FeedRecorder.of(node, ...channels);
    const ids: EventId[] = [];
    for (let n = 0; n < 300; n += 1) {
      ids.push(await publish(channels[n % 3] ?? '', String(n)));
      if (n % 50 === 25) {
        await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      }
    }
    await recorder.until('299');
    expect(recorder.ids).toEqual(ids);
    expect(recorder.interruptions).toEqual([]);
  });

  it('leaves it to the readers to read too much that was missed, and holds none of it', async () => {
    const node = nodes.node(server.url, { history: { maxEvents: 20_000 }, over: losing('lost') });
    writer = nodes.node(server.url, { history: { maxEvents: 20_000 } });
    const recorder = await FeedRecorder.of(node, 'a', 'b');
    for (let round = 0; round < 11; round += 1) {
      await Promise.all(Array.from({ length: 1_000 }, () => publish('a', 'lost')));
    }
    await publish('a', 'found');
    await recorder.until('!');
    await publish('b', 'next');
    await recorder.until('next');
    expect(recorder.heard).toEqual(['!', '!', 'next']);
    expect(recorder.interruptions).toEqual([{}, {}]);
  }, 20_000);

  it('tells readers where what was missed is gone from the log', async () => {
    const history = { maxEvents: 3 };
    const node = nodes.node(server.url, { history, over: losing('lost') });
    writer = nodes.node(server.url, { history });
    const recorder = await FeedRecorder.of(node, 'a', 'b');
    for (let n = 0; n < 5; n += 1) {
      await publish('a', 'lost');
    }
    await publish('b', 'lost');
    await publish('b', 'next');
    await recorder.until('next');
    expect(recorder.heard).toEqual(['!', 'lost', 'next']);
    expect(recorder.interruptions).toEqual([{}]);
  });
});
