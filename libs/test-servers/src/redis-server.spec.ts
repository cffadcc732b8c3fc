import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from './redis-server.js';

describe('RedisServer', () => {
  let server: RedisServer;

  beforeEach(async () => {
    server = await RedisServer.start({ config: { appendonly: 'yes', appendfsync: 'always' } });
  });

  afterEach(() => server.stop());

  it('answers commands', async () => {
    expect(await server.command('PING')).toBe('+PONG');
    expect(await server.command('SET', 'key', 'zwölf Boxkämpfer')).toBe('+OK');
    expect(await server.command('GET', 'key')).toBe('$18\r\nzwölf Boxkämpfer');
  });

  it('comes back from a crash with what it had', async () => {
    await server.command('SET', 'key', 'kept');
    await server.kill();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await server.command('GET', 'key')).toBe('$4\r\nkept');
  });

  it('says why it has not started', async () => {
    await expect(RedisServer.start({ port: server.port })).rejects.toThrow('instead of starting');
  });
});
