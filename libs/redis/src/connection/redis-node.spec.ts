import { describe, expect, it } from '@jest/globals';
import { readNode } from './redis-node.js';

const info = (version: string, role = 'master'): string =>
  `# Server\r\nredis_version:${version}\r\nrun_id:8f3a\r\n\r\n# Replication\r\nrole:${role}\r\n`;

describe('readNode', () => {
  it('tells the process', () => {
    expect(readNode(info('7.0.15'))).toEqual({ runId: '8f3a' });
    expect(readNode(info('10.1.0'))).toEqual({ runId: '8f3a' });
    expect(readNode('')).toEqual({ runId: undefined });
  });

  it('wants a Redis that can run the scripts', () => {
    expect(() => readNode(info('6.2.14'))).toThrow('Redis 7 or Valkey is needed; this is Redis 6.2.14');
  });

  it('wants the master', () => {
    expect(() => readNode(info('7.2.4', 'slave'))).toThrow('this is a replica; the master is needed');
  });
});
