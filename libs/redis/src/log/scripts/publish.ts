import { LuaScript } from '../../connection/lua-script.js';
import { IN_THIS_LIFE, PLACES } from '../script-parts.js';

/**
 * Numbers an event, stores it, and carries it to the nodes.
 *
 * Its place is Redis's time in microseconds, or one more than the last place if that is higher: so places rise whatever is
 * lost, and tell an event's age. With each event goes the place of the channel's event before it, which tells a reader
 * whether something is missing between two of them; a minus says that none is known, and up to where one may have been.
 *
 * KEYS: base, stream, end of the channel. ARGV: life, record, pub/sub channel, events to keep, age to keep in ms, time to
 * remember the channel in ms, '' or 'final' or 'ephemeral'.
 */
export const PUBLISH = new LuaScript(`
${PLACES}
${IN_THIS_LIFE}
local now = microseconds()
if ARGV[7] == 'ephemeral' then
  local at = text(math.floor(now / 1000))
  redis.call('PUBLISH', ARGV[3], base[3] .. ' ~' .. at .. ' ' .. base[2] .. ' ' .. ARGV[2])
  return ''
end
local place = text(math.max(base[3] + 1, now))
local last = redis.call('GET', KEYS[3])
local before = last and string.match(last, '%d+')
  or '-' .. text(math.min(now - ARGV[6] * 1000, tonumber(base[3])))
local entry = before .. ' ' .. base[2] .. ' ' .. ARGV[2]
redis.call('HSET', KEYS[1], 'seq', place)
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[4], place .. '-0', 'e', entry)
redis.call('XTRIM', KEYS[2], 'MINID', '=', text(now - ARGV[5] * 1000))
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('SET', KEYS[3], ARGV[7] == 'final' and place .. 'f' or place, 'PX', ARGV[6])
redis.call('PUBLISH', ARGV[3], place .. ' ' .. entry)
return base[2] .. '.' .. place
`);
