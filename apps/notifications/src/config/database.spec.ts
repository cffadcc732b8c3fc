import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { parseDatabase } from './database.js';

const memory = { kind: 'memory' } as const;
const cluster = { kind: 'cluster', workers: 2 } as const;
const redis = { kind: 'redis', url: 'redis://cache' } as const;

describe('parseDatabase', () => {
  it.each([
    [{}, memory, { kind: 'embedded', folder: resolve(import.meta.dirname, '../../data') }],
    [{ DATABASE_FOLDER: '/var/lib/app' }, memory, { kind: 'embedded', folder: '/var/lib/app' }],
    [{ DATABASE_FOLDER: 'here', DATABASE_URL: '' }, cluster, { kind: 'embedded', folder: resolve('here') }],
    [
      { DATABASE_URL: 'postgresql://a:b@host/name', DATABASE_FOLDER: '' },
      redis,
      { kind: 'server', url: 'postgresql://a:b@host/name' },
    ],
    [{ DATABASE_URL: 'postgres://host' }, memory, { kind: 'server', url: 'postgres://host' }],
  ])('reads %j with %j as %j', (environment, broker, database) => {
    expect(parseDatabase(environment, broker)).toEqual(database);
  });

  it.each([
    [{}, redis, 'DATABASE_URL must be set with BROKER=redis'],
    [{ DATABASE_FOLDER: 'here' }, redis, 'DATABASE_URL must be set with BROKER=redis'],
    [
      { DATABASE_URL: 'postgres://host', DATABASE_FOLDER: 'here' },
      memory,
      'leave it out, or leave DATABASE_URL out',
    ],
    [{ DATABASE_URL: 'mysql://host' }, memory, 'DATABASE_URL must be a URL that begins with postgresql://'],
  ])('refuses %j with %j and says so', (environment, broker, message) => {
    expect(() => parseDatabase(environment, broker)).toThrow(message);
  });

  it('repeats no password', () => {
    const DATABASE_URL = 'http://me:secret@host';
    expect(() => parseDatabase({ DATABASE_URL }, memory)).toThrow(/^(?!.*secret).*$/s);
  });
});
