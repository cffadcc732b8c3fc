import { afterEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { RedisCluster, RedisServer } from '@nestcast/test-servers';
import { Cluster, Redis } from 'ioredis';
import { eventually } from '../spec-support/eventually.js';
import { PortRecorder } from '../spec-support/port-recorder.js';
import type { RedisConnectionOptions } from './connection-options.js';
import { ioredisPort } from './ioredis-port.js';
import type { RedisPort } from './redis-port.js';

const LONG_MS = 40_000;
const TAG = 'spec';

/** What is published comes, although nobody has subscribed again. */
async function assertCarries(port: RedisPort, listener: PortRecorder, channel: string): Promise<void> {
  const text = `text ${listener.messages.length}`;
  await eventually(async () => {
    await port.call('PUBLISH', channel, text).catch(() => undefined);
    return listener.messages.includes(`${channel} ${text}`);
  });
}

describe('where Redis is', () => {
  const cleanUps: (() => unknown)[] = [];
  const later = <T>(made: T, cleanUp: (made: T) => unknown): T => {
    cleanUps.push(() => cleanUp(made));
    return made;
  };

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) {
      await cleanUp();
    }
  });

  async function connected(options: RedisConnectionOptions): Promise<[RedisPort, PortRecorder]> {
    const listener = new PortRecorder();
    const clock = new TimerWheel();
    const port = ioredisPort({ ...options, timeoutMs: 2_000, tag: TAG, clock })(listener);
    later(port, (made) => made.close());
    await listener.until('available');
    await listener.until('listening');
    return [port, listener];
  }

  it(
    'is the master that a Sentinel tells, and its successor when it is gone',
    async () => {
      const master = later(await RedisServer.start(), (made) => made.stop());
      const replica = later(await RedisServer.replicaOf(master), (made) => made.stop());
      await eventually(async () =>
        (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
      );
      const sentinel = later(await RedisServer.sentinel(master, 'main', 500), (made) => made.stop());
      await eventually(async () => (await sentinel.command('SENTINEL', 'REPLICAS', 'main')).startsWith('*1'));
      const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
      const [port, listener] = await connected({ sentinel: { sentinels, name: 'main' } });
      await port.subscribe(['news']);
      await assertCarries(port, listener, 'news');
      await port.call('SET', 'key', 'kept');
      await port.call('WAIT', 1, 1_000);
      await master.kill();
      await listener.until('unavailable');
      await listener.until('available', 2);
      await listener.until('listening', 2);
      expect(await port.call('GET', 'key')).toBe('kept');
      await assertCarries(port, listener, 'news');
      expect(await replica.command('PUBSUB', 'CHANNELS', 'news')).toContain('news');
    },
    LONG_MS,
  );

  it(
    'is the master of the slot in a Redis Cluster, and its successor when it is gone',
    async () => {
      const cluster = later(await RedisCluster.start(`{${TAG}}`), (made) => made.stop());
      const nodes = cluster.masters.map(({ port }) => `127.0.0.1:${port}`);
      const [port, listener] = await connected({ cluster: { nodes } });
      const client = later(
        new Cluster(nodes.map((node) => ({ host: '127.0.0.1', port: Number(node.split(':')[1]) }))),
        (made) => made.disconnect(),
      );
      const [other] = await connected({ client });
      await port.subscribe([`{${TAG}}:news`]);
      await assertCarries(other, listener, `{${TAG}}:news`);
      await other.call('SET', `{${TAG}}:key`, 'kept');
      await other.call('WAIT', 1, 1_000);
      expect(await cluster.master.command('PUBSUB', 'CHANNELS')).toContain('news');
      await cluster.master.kill();
      await listener.until('unavailable');
      await listener.until('available', 2);
      await listener.until('listening', 2);
      expect(await port.call('GET', `{${TAG}}:key`)).toBe('kept');
      await assertCarries(other, listener, `{${TAG}}:news`);
      expect(await cluster.replica.command('PUBSUB', 'CHANNELS')).toContain('news');
    },
    LONG_MS,
  );

  it('is what the application’s own client says, which stays open and may go its own ways', async () => {
    const server = later(await RedisServer.start({ config: { requirepass: 'secret' } }), (made) =>
      made.stop(),
    );
    const client = new Redis(server.url, { password: 'secret', keyPrefix: 'app:', lazyConnect: true });
    later(client, (made) => made.disconnect());
    const [port] = await connected({ client });
    await port.call('SET', 'key', 'value');
    await port.close();
    expect(await client.exists('key')).toBe(0);
    expect(client.status).toBe('ready');
  });

  it('is not a replica, which says so', async () => {
    const master = later(await RedisServer.start(), (made) => made.stop());
    const replica = later(await RedisServer.replicaOf(master), (made) => made.stop());
    const listener = new PortRecorder();
    const clock = new TimerWheel();
    const port = ioredisPort({ url: replica.url, timeoutMs: 500, tag: TAG, clock })(listener);
    later(port, (made) => made.close());
    await eventually(() => port.state.detail === 'this is a replica; the master is needed');
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await listener.until('available');
  });

  it('is followed when the master becomes a replica of another', async () => {
    const [one, other] = [await RedisServer.start(), await RedisServer.start()];
    later(one, (made) => made.stop());
    later(other, (made) => made.stop());
    const [port, listener] = await connected({ url: one.url });
    await one.command('REPLICAOF', '127.0.0.1', String(other.port));
    await expect(port.call('SET', 'key', 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await listener.until('unavailable');
    await one.command('REPLICAOF', 'NO', 'ONE');
    await listener.until('available', 2);
    expect(await port.call('SET', 'key', 1)).toBe('OK');
  });
});
