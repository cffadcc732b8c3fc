import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { redisBroker } from '@nestcast/redis';
import { RedisServer } from '@nestcast/test-servers';
import { eventRecord } from '@nestcast/testing';

/** What docs/brokers.md lets a Redis user do, word by word. */
describe('the Redis user of the guide', () => {
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(() => redis.stop());

  it('may do all that the broker does, and is refused nothing', async () => {
    const page = await readFile(new URL('../docs/brokers.md', import.meta.url), 'utf8');
    const [, rule = ''] = /^ *(ACL SETUSER shop .*)$/m.exec(page) ?? [];
    expect(await redis.command(...rule.split(' '))).toBe('+OK');
    const errors: unknown[] = [];
    const url = `redis://shop:secret@127.0.0.1:${redis.port}`;
    const broker = redisBroker({ url, prefix: 'shop' })({
      history: { maxEvents: 10, maxAgeMs: 60_000 },
      clock: new TimerWheel(),
      onError: (error) => errors.push(error),
    });
    try {
      const seen: unknown[] = [];
      const unsubscribe = await broker.subscribe('a', ({ data }) => void seen.push(data));
      await broker.publish('a', eventRecord({ data: 'here' }));
      await broker.publish('a', eventRecord({ data: 'now', ephemeral: true }));
      expect((await broker.replay(['a'], 'start', 10)).events).toHaveLength(1);
      const { leases } = broker;
      assert.ok(leases);
      const claims = [{ key: 'user:ada', limit: 'perUser', max: 1 }];
      const evicted = new Promise<string>((resolve) => void leases.take(claims, { evict: resolve }));
      const lease = await leases.take(claims, undefined, true);
      expect(await evicted).toBe('perUser');
      assert.ok('release' in lease);
      lease.release();
      expect(await leases.countOpen('user:ada', 1)).toBe(0);
      expect([await broker.spendOnce?.('a', 1_000), await broker.spendOnce?.('a', 1_000)]).toEqual([
        true,
        false,
      ]);
      await unsubscribe();
      expect(seen).toContain('here');
    } finally {
      await broker.close();
    }
    expect(errors).toEqual([]);
    expect(await redis.command('ACL', 'LOG')).toBe('*0');
  });
});
