import { setTimeout as passed } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import { BrokerNodes } from '../spec-support/broker-nodes.js';

const record = (data: string): ReturnType<typeof eventRecord> => eventRecord({ data });
const dataOf = (events: readonly { data: string | undefined }[]): (string | undefined)[] =>
  events.map(({ data }) => data);

// The rest of what it does is the contract of all brokers: redis-broker.spec.ts.
describe('the log in Redis', () => {
  let server: RedisServer;
  let nodes: BrokerNodes;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    nodes = new BrokerNodes();
  });
  afterEach(async () => {
    await nodes.close();
    await server.command('FLUSHALL');
    expect(nodes.reports).toEqual([]);
  });

  const keys = async (): Promise<string> => server.command('KEYS', '*');

  it('drops events past their age, and tells so exactly', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 300 } });
    const first = await node.publish('a', record('1'));
    const last = await node.publish('a', record('2'));
    await passed(320);
    const after = await node.publish('b', record('3'));
    const replay = await node.replay(['a', 'b'], { after: first }, 10);
    expect(replay.gap).toEqual({ reason: 'trimmed', channels: ['a'] });
    expect(dataOf(replay.events)).toEqual(['3']);
    expect((await node.replay(['a', 'b'], { after: last }, 10)).complete).toBe(true);
    await node.publish('a', record('4'));
    expect((await node.replay(['a'], { after: first }, 10)).gap?.reason).toBe('trimmed');
    const rest = await node.replay(['a'], { after }, 10);
    expect(rest.complete).toBe(true);
    expect(dataOf(rest.events)).toEqual(['4']);
  });

  it('keeps the younger ones where the older are past their age', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 400 } });
    const first = await node.publish('a', record('1'));
    const second = await node.publish('a', record('2'));
    await passed(250);
    await node.publish('a', record('3'));
    await passed(200);
    const replay = await node.replay(['a'], { after: first }, 10);
    expect(replay.gap?.reason).toBe('trimmed');
    expect(dataOf(replay.events)).toEqual(['3']);
    expect((await node.replay(['a'], { after: second }, 10)).complete).toBe(true);
  });

  it('remembers that a channel has ended when its events are gone', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 50 } });
    const end = await node.publish('job', eventRecord({ data: undefined, final: true }));
    await passed(70);
    expect(await node.replay(['job'], { after: end }, 10)).toMatchObject({ ended: true, complete: true });
    await node.publish('job', record('again'));
    expect(await node.replay(['job'], { after: end }, 10)).toMatchObject({ ended: false, complete: true });
  });

  it('tells a gap to cursors older than its memory of an idle channel, and to no others', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 50 }, expireMs: 200 });
    const { cursor } = await node.replay(['a'], 'now', 1);
    await node.publish('a', record('forgotten'));
    await passed(250);
    const later = await node.publish('b', record('1'));
    expect((await node.replay(['a'], { after: cursor }, 10)).gap).toEqual({
      reason: 'trimmed',
      channels: ['a'],
    });
    await node.publish('a', record('2'));
    expect((await node.replay(['a'], { after: cursor }, 10)).gap?.reason).toBe('trimmed');
    const replay = await node.replay(['a'], { after: later }, 10);
    expect(replay.complete).toBe(true);
    expect(dataOf(replay.events)).toEqual(['2']);
    expect((await node.replay(['a'], 'start', 10)).complete).toBe(true);
  });

  it('takes no idleness of the whole log for a loss', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 50 }, expireMs: 100, checkMs: 30 });
    const { cursor } = await node.replay(['a'], 'now', 1);
    await passed(300);
    expect((await node.replay(['a'], { after: cursor }, 10)).complete).toBe(true);
  });

  it('lets idle channels go, and all the rest when no node lives', async () => {
    const node = nodes.node(server.url, { history: { maxAgeMs: 50 }, expireMs: 100, checkMs: 40 });
    await Promise.all(Array.from({ length: 50 }, (_, n) => node.publish(`channel ${n}`, record('1'))));
    while ((await server.command('DBSIZE')) !== ':1') {
      await passed(20);
    }
    expect(await keys()).toContain(`{${nodes.prefix}}:log`);
    await passed(300);
    expect(await server.command('DBSIZE')).toBe(':1');
    await nodes.close();
    while ((await server.command('DBSIZE')) !== ':0') {
      await passed(20);
    }
  });

  it('ends a page before it becomes too large', async () => {
    const node = nodes.node(server.url);
    const large = 'x'.repeat(1_500_000);
    await Promise.all([1, 2, 3, 4, 5].map((n) => node.publish('a', record(`${n}${large}`))));
    const page = await node.replay(['a'], 'start', 10);
    expect(page.events).toHaveLength(2);
    expect(page.more).toBe(true);
    const rest = await node.replay(['a'], { after: page.cursor }, 10);
    expect(dataOf(rest.events).map((data) => data?.[0])).toEqual(['3', '4']);
  });

  it('reads no more of large events than a page takes', async () => {
    const node = nodes.node(server.url);
    const large = 'x'.repeat(2 ** 20);
    // One by one: all of them at once may take a busy machine longer than Redis has for an answer.
    for (let n = 0; n < 30; n += 1) {
      await node.publish('a', record(`${n} ${large}`));
    }
    const before = await server.info('used_memory_peak');
    const page = await node.replay(['a'], 'start', 256);
    expect(dataOf(page.events).map((data) => data?.slice(0, 2))).toEqual(['0 ', '1 ', '2 ']);
    expect(page.more).toBe(true);
    expect((await server.info('used_memory_peak')) - before).toBeLessThan(20 * 2 ** 20);
  });

  it.each([1, 2, 3, 7, 256])('gives all events in their order by pages of %d at most', async (limit) => {
    const node = nodes.node(server.url);
    const channels = ['a', 'b', 'c'];
    const large = 'x'.repeat(4.5 * 2 ** 20);
    const ids: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      const channel = channels[n === 0 ? 0 : n < 3 ? 1 : 2] ?? '';
      ids.push(await node.publish(channel, record(n % 13 === 0 ? large : String(n))));
    }
    const seen: string[] = [];
    let page = await node.replay(channels, 'start', limit);
    for (; page.more; page = await node.replay(channels, { after: page.cursor }, limit)) {
      expect(page.events.length).toBeLessThanOrEqual(limit);
      seen.push(...page.events.map(({ id }) => id));
    }
    expect([...seen, ...page.events.map(({ id }) => id)]).toEqual(ids);
  });

  it('keeps no events at all where history is 0, and says so', async () => {
    const node = nodes.node(server.url, { history: { maxEvents: 0 } });
    const { cursor } = await node.replay(['a'], 'now', 1);
    const id = await node.publish('a', record('1'));
    expect(await node.replay(['a'], { after: cursor }, 1)).toMatchObject({ events: [], complete: false });
    expect((await node.replay(['a'], { after: id }, 1)).complete).toBe(true);
  });

  it('answers a cursor of nowhere with a gap, whatever its place', async () => {
    const node = nodes.node(server.url);
    await node.publish('a', record('1'));
    for (const after of ['elsewhere.0', 'elsewhere.1', '0.0']) {
      const replay = await node.replay(['a'], { after }, 10);
      expect(replay.gap).toEqual({ reason: 'epoch', channels: ['a'] });
      expect(dataOf(replay.events)).toEqual(['1']);
    }
  });

  it('gives what it has of a channel whose end Redis has evicted', async () => {
    const node = nodes.node(server.url);
    const { cursor } = await node.replay(['a'], 'now', 1);
    await node.publish('a', record('1'));
    await server.command('DEL', `{${nodes.prefix}}:end:a`);
    const replay = await node.replay(['a'], { after: cursor }, 10);
    expect(replay.complete).toBe(true);
    expect(dataOf(replay.events)).toEqual(['1']);
  });

  it('says why Redis has refused', async () => {
    const node = nodes.node(server.url);
    await server.command('SET', `{${nodes.prefix}}:stream:a`, 'something else');
    await expect(node.publish('a', record('1'))).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining('WRONGTYPE'),
    });
  });
});
