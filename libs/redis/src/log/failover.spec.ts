import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker, EventId } from '@nestcast/hub';
import { FaultProxy, RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import { BrokerNodes } from '../spec-support/broker-nodes.js';
import { FeedRecorder } from '../spec-support/feed-recorder.js';
import { eventually } from '../spec-support/eventually.js';
import { whenAvailable } from '../spec-support/when-available.js';

/** Publishes as soon as Redis is there again. */
const publish = (node: Broker, channel: string, data: string): Promise<EventId> =>
  whenAvailable(() => node.publish(channel, eventRecord({ data })));

const gapAfter = async (broker: Broker, after: EventId): Promise<string | undefined> =>
  (await broker.replay(['a'], { after }, 10)).gap?.reason;

describe('a failover', () => {
  let master: RedisServer;
  let replica: RedisServer;
  let ways: FaultProxy[];
  let nodes: BrokerNodes;

  beforeEach(async () => {
    master = await RedisServer.start({ config: { 'repl-diskless-sync-delay': '0' } });
    replica = await RedisServer.start({ config: { replicaof: `127.0.0.1 ${master.port}` } });
    await eventually(async () =>
      (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    );
    ways = [await FaultProxy.start(master.port), await FaultProxy.start(master.port)];
    nodes = new BrokerNodes();
  });

  afterEach(async () => {
    await nodes.close();
    await Promise.all(ways.map((way) => way.close()));
    await Promise.all([master.stop(), replica.stop()]);
    expect(nodes.reports).toEqual([]);
  });

  const node = (way: number): Broker => nodes.node(`redis://127.0.0.1:${ways[way]?.port}`);
  const turn = (way: number): void => ways[way]?.switchTo(replica.port);
  const promote = async (): Promise<void> => {
    const place = ['HGET', `{${nodes.prefix}}:log`, 'seq'];
    await eventually(async () => (await replica.command(...place)) === (await master.command(...place)));
    await replica.command('REPLICAOF', 'NO', 'ONE');
  };
  it('that has lost nothing goes unnoticed', async () => {
    const [one, other] = [node(0), node(1)];
    const recorder = await FeedRecorder.of(other, 'a');
    const first = await publish(one, 'a', '1');
    await publish(one, 'a', '2');
    await promote();
    turn(0);
    turn(1);
    await publish(one, 'a', '3');
    await recorder.until('3');
    expect(recorder.heard).toEqual(['1', '2', '3']);
    const replay = await other.replay(['a'], { after: first }, 10);
    expect(replay.complete).toBe(true);
    expect(replay.events.map(({ data }) => data)).toEqual(['2', '3']);
  });

  it('that has lost writes is a gap for all who were there', async () => {
    const [one, other] = [node(0), node(1)];
    const recorder = await FeedRecorder.of(other, 'a');
    const kept = await publish(one, 'a', '1');
    await promote();
    const lost = await publish(one, 'a', 'lost');
    await recorder.until('lost');
    turn(0);
    turn(1);
    const third = await publish(one, 'a', '3');
    await recorder.until('!');
    expect(await gapAfter(one, kept)).toBe('epoch');
    const replay = await one.replay(['a'], { after: lost }, 10);
    expect(replay.gap?.reason).toBe('epoch');
    expect(replay.events.map(({ data }) => data)).toEqual(['3']);
    expect((await one.replay(['a'], { after: replay.cursor }, 10)).complete).toBe(true);
    expect(Number(third.split('.')[1])).toBeGreaterThan(Number(lost.split('.')[1]));
  });

  it('that is taken back is a gap for all who could have been given what came between', async () => {
    const one = node(0);
    const kept = await publish(one, 'a', '1');
    await promote();
    ways[0]?.switchTo(replica.port);
    const lost = await publish(one, 'a', 'lost');
    expect((await one.replay(['a'], { after: kept }, 10)).complete).toBe(true);
    ways[0]?.switchTo(master.port);
    const later = await publish(one, 'a', '2');
    expect(await gapAfter(one, kept)).toBe('epoch');
    expect(await gapAfter(one, lost)).toBe('epoch');
    expect(await gapAfter(one, later)).toBeUndefined();
  });

  it('that one node alone knows to have lost writes is a gap for those who have gone on meanwhile', async () => {
    const [one, witness] = [node(0), node(1)];
    const recorder = await FeedRecorder.of(one, 'a');
    const kept = await publish(one, 'a', '1');
    await promote();
    const lost = await publish(witness, 'b', 'lost');
    turn(0);
    const between = await publish(one, 'a', '2');
    await recorder.until('2');
    expect(recorder.interruptions).toEqual([]);
    expect(await gapAfter(one, kept)).toBeUndefined();
    turn(1);
    await recorder.until('!');
    for (const cursor of [kept, between, lost]) {
      expect(await gapAfter(one, cursor)).toBe('epoch');
    }
    const later = await publish(witness, 'a', '3');
    await recorder.until('3');
    expect(recorder.heard).toEqual(['1', '2', '!', '3']);
    expect(await gapAfter(one, later)).toBeUndefined();
  });
});
