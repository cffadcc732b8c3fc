import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';

import { parseBroker } from './broker.js';

describe('parseBroker', () => {
  it.each([
    [{}, { kind: 'memory' }],
    [{ BROKER: '', WORKERS: '', REDIS_URL: 'redis://elsewhere' }, { kind: 'memory' }],
    [{ BROKER: 'memory' }, { kind: 'memory' }],
    [{ BROKER: 'cluster' }, { kind: 'cluster', workers: availableParallelism() }],
    [
      { BROKER: 'cluster', WORKERS: '3' },
      { kind: 'cluster', workers: 3 },
    ],
    [
      { BROKER: 'redis', REDIS_URL: 'redis://:secret@cache:6380/1' },
      { kind: 'redis', url: 'redis://:secret@cache:6380/1' },
    ],
    [
      { BROKER: 'redis', REDIS_URL: 'rediss://cache' },
      { kind: 'redis', url: 'rediss://cache' },
    ],
  ])('reads %j as %j', (environment, broker) => {
    expect(parseBroker(environment)).toEqual(broker);
  });

  it.each([
    [{ BROKER: 'kafka' }, 'BROKER must be one of memory, cluster, redis, but it is "kafka".'],
    [{ BROKER: 'cluster', WORKERS: '0' }, 'WORKERS must be an integer from 1 to 128, but it is "0".'],
    [{ BROKER: 'cluster', WORKERS: 'many' }, 'WORKERS must be an integer from 1 to 128, but it is "many".'],
    [{ BROKER: 'cluster', WORKERS: '2.5' }, 'WORKERS must be an integer from 1 to 128, but it is "2.5".'],
    [{ WORKERS: '2' }, 'WORKERS is for BROKER=cluster'],
    [{ BROKER: 'redis', REDIS_URL: 'redis://cache', WORKERS: '2' }, 'WORKERS is for BROKER=cluster'],
    [{ BROKER: 'redis' }, 'REDIS_URL must be set with BROKER=redis'],
    [{ BROKER: 'redis', REDIS_URL: 'cache:6379' }, 'REDIS_URL must be a URL that begins with redis://'],
    [{ BROKER: 'redis', REDIS_URL: 'http://cache' }, 'REDIS_URL must be a URL that begins with redis://'],
  ])('refuses %j and says so', (environment, message) => {
    expect(() => parseBroker(environment)).toThrow(message);
  });

  it('repeats no password', () => {
    const REDIS_URL = 'http://:secret@cache';
    expect(() => parseBroker({ BROKER: 'redis', REDIS_URL })).toThrow(/^(?!.*secret).*$/s);
  });
});
