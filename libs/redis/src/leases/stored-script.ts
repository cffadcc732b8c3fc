import { LuaScript } from '../connection/lua-script.js';
import { type RedisPort, RedisReplyError } from '../connection/redis-port.js';

/** A Lua script that may be run on any Redis: one that doesn't know it yet is given it. */
export class StoredScript extends LuaScript {
  /** @throws what {@link RedisPort.call} does */
  async run(
    port: Pick<RedisPort, 'call'>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await port.call('EVALSHA', this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (error instanceof RedisReplyError && error.code === 'NOSCRIPT') {
        return port.call('EVAL', this.text, keys.length, ...keys, ...args);
      }
      throw error;
    }
  }
}
