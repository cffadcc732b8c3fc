import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker, EventId } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import { BrokerNodes } from '../spec-support/broker-nodes.js';
import { FeedRecorder } from '../spec-support/feed-recorder.js';
import { whenAvailable } from '../spec-support/when-available.js';

/** Publishes as soon as Redis is there again. */
const publish = (node: Broker, channel: string, data: string): Promise<EventId> =>
  whenAvailable(() => node.publish(channel, eventRecord({ data })));

const epochOf = (id: EventId): string => id.slice(0, id.indexOf('.'));
const dataOf = (events: readonly { data: string | undefined }[]): (string | undefined)[] =>
  events.map(({ data }) => data);

describe('a life of the log', () => {
  let server: RedisServer;
  let nodes: BrokerNodes;

  beforeEach(async () => {
    server = await RedisServer.start({ config: { appendonly: 'yes', appendfsync: 'always' } });
    nodes = new BrokerNodes();
  });

  afterEach(async () => {
    await nodes.close();
    await server.stop();
    expect(nodes.reports).toEqual([]);
  });

  it('is followed by another without a gap where a restart has lost nothing', async () => {
    const [one, other] = [nodes.node(server.url), nodes.node(server.url)];
    const recorder = await FeedRecorder.of(other, 'a', 'b');
    const first = await publish(one, 'a', '1');
    const second = await publish(one, 'b', '2');
    await server.kill();
    await server.restart();
    const third = await publish(one, 'a', '3');
    await recorder.until('3');
    expect(recorder.heard).toEqual(['1', '2', '3']);
    expect(epochOf(third)).not.toBe(epochOf(second));
    const replay = await other.replay(['a', 'b'], { after: first }, 10);
    expect(replay.complete).toBe(true);
    expect(replay.events.map(({ id }) => id)).toEqual([second, third]);
    const seqs = recorder.events.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect((await one.replay(['a'], { after: `${epochOf(first)}.${replay.seq}` }, 10)).gap?.reason).toBe(
      'epoch',
    );
  });

  it('begins anew where all keys are gone, and everybody hears of it', async () => {
    const [one, other] = [nodes.node(server.url), nodes.node(server.url)];
    const recorder = await FeedRecorder.of(other, 'a');
    const first = await publish(one, 'a', '1');
    await recorder.until('1');
    await server.command('FLUSHALL');
    const second = await publish(one, 'a', '2');
    await recorder.until('!');
    await publish(one, 'a', '3');
    await recorder.until('3');
    expect(recorder.events.at(-1)?.seq).toBeGreaterThan(recorder.events[0]?.seq ?? Infinity);
    const replay = await other.replay(['a'], { after: first }, 10);
    expect(replay.gap?.reason).toBe('epoch');
    expect(dataOf(replay.events)).toEqual(['2', '3']);
    expect((await other.replay(['a'], { after: second }, 10)).complete).toBe(true);
  });

  it('hears that all keys are gone by its own check, too', async () => {
    const node = nodes.node(server.url, { checkMs: 50 });
    const recorder = await FeedRecorder.of(node, 'a');
    await publish(node, 'a', '1');
    await recorder.until('1');
    await server.command('FLUSHALL');
    await recorder.until('!');
    expect(recorder.interruptions).toEqual([{}]);
  });

  it('keeps the order of calls where its scripts are gone', async () => {
    const [one, other] = [nodes.node(server.url), nodes.node(server.url)];
    const epoch = epochOf(await publish(one, 'a', 'begin'));
    const published: Promise<EventId>[] = [];
    for (let round = 0; round < 20; round += 1) {
      const flushed = server.command('SCRIPT', 'FLUSH');
      for (let n = 0; n < 20; n += 1) {
        const record = eventRecord({ data: String(100 * round + n) });
        published.push(one.publish('one', record), other.publish('other', record));
        if (n % 5 === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await flushed;
    }
    const ids = await Promise.all(published);
    expect(new Set(ids.map(epochOf))).toEqual(new Set([epoch]));
    for (const name of ['one', 'other']) {
      const { events } = await one.replay([name], 'start', 1_000);
      const numbers = events.map(({ data }) => Number(data));
      expect(numbers).toHaveLength(400);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });

  it('knows no more than a number of earlier epochs', async () => {
    const node = nodes.node(server.url);
    const ids: EventId[] = [];
    const life = `{${nodes.prefix}}:log`;
    for (let n = 0; n < 70; n += 1) {
      ids.push(await publish(node, 'a', String(n)));
      // As if another process had kept the log.
      await server.command('HSET', life, 'life', 'another.0');
    }
    expect((await node.replay(['a'], { after: ids[0] ?? '' }, 100)).gap?.reason).toBe('epoch');
    const replay = await node.replay(['a'], { after: ids[10] ?? '' }, 100);
    expect(replay.complete).toBe(true);
    expect(replay.events).toHaveLength(59);
  });
});
