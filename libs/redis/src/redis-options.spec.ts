import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisBroker } from './redis-broker-factory.js';
import { type RedisBrokerOptions, brokerValues } from './redis-options.js';

const url = 'redis://localhost';
const sentinels = [{ host: 'localhost' }];
const client = new Redis({ lazyConnect: true });

describe('redisBroker()', () => {
  it.each<[what: string, options: object]>([
    ['exactly one of url, cluster, sentinel and client, but got none', {}],
    ['but got url and client', { url, client }],
    ['url', { url: 'localhost:6379' }],
    ['url', { url: 1 }],
    ['a url that can be read', { url: 'redis://localhost:99999' }],
    ['the number of a database', { url: 'redis://localhost/main' }],
    ['the number of a database', { url, ioredis: { db: -1 } }],
    ['cluster.nodes', { cluster: { nodes: [] } }],
    ['sentinel.sentinels', { sentinel: { sentinels: [], name: 'main' } }],
    ['sentinel.name', { sentinel: { sentinels } }],
    ['client', { client: {} }],
    ['no ioredis beside client', { client, ioredis: {} }],
    ['prefix', { url, prefix: 'a}b' }],
    ['prefix', { url, prefix: '' }],
    ['timeoutMs', { url, timeoutMs: 0 }],
    ['leaseMs', { url, leaseMs: 1.5 }],
    ['expireMs', { url, expireMs: '1' }],
  ])('refuses what is wrong by its name: %s', (what, options) => {
    const making = (): unknown => redisBroker(options);
    expect(making).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(making).toThrow(what);
  });

  it.each<[RedisBrokerOptions]>([
    [{ url: 'rediss://user:secret@redis.example:6380' }],
    [{ url: '/run/redis.sock' }],
    [{ cluster: { nodes: ['a:7000', { host: 'b', port: 7_000 }] }, ioredis: { tls: {} } }],
    [{ sentinel: { sentinels, name: 'main' } }],
    [{ client }],
  ])('takes %p', (options) => {
    expect(redisBroker(options)).toBeInstanceOf(Function);
  });

  it('has defaults for what is left out', () => {
    expect(brokerValues({ url, leaseMs: undefined })).toEqual({
      prefix: 'nestcast',
      timeoutMs: 2_000,
      leaseMs: 10_000,
      expireMs: 21_600_000,
    });
  });
});
