import type { RedisPort } from '../connection/redis-port.js';
import { StoredScript } from './stored-script.js';

const WINDOW_MS = 60_000;

/** KEYS: the times of the key's opens. ARGV: how many there may be in the window, its length in milliseconds. */
const countScript = new StoredScript(String.raw`
local opens, most, windowMs = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZREMRANGEBYSCORE', opens, '-inf', string.format('%.3f', now - windowMs))
local count = redis.call('ZCARD', opens)
if count >= most then
  local oldest = redis.call('ZRANGE', opens, -most, -most, 'WITHSCORES')
  return math.max(1, math.ceil((oldest[2] or now) + windowMs - now))
end
redis.call('ZADD', opens, string.format('%.3f', now), time[1] .. '.' .. time[2] .. '.' .. count)
redis.call('PEXPIRE', opens, windowMs)
return 0
`);

/** Opens per minute and key over all nodes, counted in a sliding window of the times themselves. */
export class OpenWindows {
  /** @param prefix what the names of its keys begin with */
  constructor(
    private readonly port: Pick<RedisPort, 'call'>,
    private readonly prefix: string,
  ) {}

  /** @see LeaseStore.countOpen */
  async count(key: string, perMinute: number): Promise<number> {
    return Number(await countScript.run(this.port, [`${this.prefix}${key}`], [perMinute, WINDOW_MS]));
  }
}
