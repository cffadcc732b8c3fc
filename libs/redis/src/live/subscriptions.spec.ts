import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';
import { BrokerNodes } from '../spec-support/broker-nodes.js';
import { eventually } from '../spec-support/eventually.js';
import { FeedRecorder } from '../spec-support/feed-recorder.js';
import { whenAvailable } from '../spec-support/when-available.js';

const ignore = (): void => undefined;

describe('subscriptions to Redis', () => {
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
    expect(nodes.reports).toEqual([]);
  });

  const carriers = async (): Promise<number> =>
    Number((await server.command('PUBSUB', 'CHANNELS')).split('\r\n')[0]?.slice(1));

  it('are there only while somebody listens, once however many do', async () => {
    const node = nodes.node(server.url);
    await node.publish('a', eventRecord());
    expect(await carriers()).toBe(0);
    const ends = await Promise.all(['a', 'a', 'b'].map((channel) => node.subscribe(channel, ignore)));
    // Of the node itself: for marks, and for new epochs.
    expect(await carriers()).toBe(2 + 2);
    await ends[0]?.();
    expect(await carriers()).toBe(2 + 2);
    await Promise.all(ends.map((end) => end()));
    expect(await carriers()).toBe(0);
    expect(await server.command('PUBSUB', 'NUMPAT')).toBe(':0');
  });

  it('of one turn go to Redis together', async () => {
    const node = nodes.node(server.url);
    await node.subscribe('first', ignore);
    const before = await server.info('total_reads_processed');
    await Promise.all(Array.from({ length: 500 }, (_, n) => node.subscribe(`channel ${n}`, ignore)));
    // One SUBSCRIBE in some reads of a socket, one mark, and one for this question.
    expect((await server.info('total_reads_processed')) - before).toBeLessThan(8);
  });

  it('may end and begin again in one turn', async () => {
    const node = nodes.node(server.url);
    const recorder = new FeedRecorder();
    const end = await recorder.listenTo(node, 'a');
    const ended = end();
    await recorder.listenTo(node, 'a');
    await ended;
    await node.publish('a', eventRecord({ data: '1' }));
    await recorder.until('1');
    expect(recorder.heard).toEqual(['1']);
  });

  it('are refused while Redis is away, and none is left of them', async () => {
    const own = await RedisServer.start();
    const node = nodes.node(own.url, { timeoutMs: 200 });
    await node.publish('a', eventRecord());
    await own.kill();
    await expect(node.subscribe('a', ignore)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await own.restart();
    await whenAvailable(() => node.subscribe('b', ignore));
    expect(await own.command('PUBSUB', 'NUMSUB', `{${nodes.prefix}}:live:a`)).toContain(':0');
    await own.stop();
  });

  it('of a channel that the Redis user may not hear are refused, and nobody else is cut off', async () => {
    const rule = `ACL SETUSER half on >secret ~* +@all &{${nodes.prefix}}:*:own &{${nodes.prefix}}:marks:* &{${nodes.prefix}}:epochs`;
    await server.command(...rule.split(' '), 'resetchannels');
    const allowed = rule.split(' ').filter((part) => part.startsWith('&'));
    await server.command('ACL', 'SETUSER', 'half', ...allowed);
    const node = nodes.node(server.url.replace('//', '//half:secret@'));
    await node.subscribe('own', ignore);
    const before = await server.info('total_connections_received');
    await expect(node.subscribe('other', ignore)).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining('NOPERM'),
    });
    await node.subscribe('own', ignore);
    // This question alone.
    expect((await server.info('total_connections_received')) - before).toBe(1);
  });

  it('leave nothing behind where one ends as another begins that is refused', async () => {
    const own = await RedisServer.start();
    const node = nodes.node(own.url, { timeoutMs: 200 });
    const end = await node.subscribe('a', ignore);
    await own.kill();
    await eventually(async () => !(await node.health()).up);
    const ended = end();
    await expect(node.subscribe('a', ignore)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await ended;
    await own.restart();
    await eventually(async () => (await node.health()).up);
    const recorder = await FeedRecorder.of(node, 'b');
    await node.publish('b', eventRecord({ data: '1' }));
    await recorder.until('1');
    expect(await own.command('PUBSUB', 'NUMSUB', `{${nodes.prefix}}:live:a`)).toContain(':0');
    await own.stop();
  });

  it('leave nothing behind: 10,000 channels opened, used and closed', async () => {
    const limits = { history: { maxAgeMs: 100 }, expireMs: 200, checkMs: 500 };
    // So many at once take a busy machine longer than a second.
    const node = nodes.node(server.url, { ...limits, timeoutMs: 10_000 });
    const channels = Array.from({ length: 10_000 }, (_, n) => `user/${n}`);
    const ends = await Promise.all(channels.map((channel) => node.subscribe(channel, ignore)));
    expect(await carriers()).toBe(10_002);
    for (let from = 0; from < channels.length; from += 1_000) {
      await Promise.all(
        channels.slice(from, from + 1_000).map((channel) => node.publish(channel, eventRecord())),
      );
    }
    await Promise.all(ends.map((end) => end()));
    expect(await carriers()).toBe(0);
    await nodes.close();
    await eventually(async () => (await server.command('KEYS', `{${nodes.prefix}}*`)) === '*0');
    await eventually(async () => (await server.clients()) === 0);
  }, 30_000);
});
