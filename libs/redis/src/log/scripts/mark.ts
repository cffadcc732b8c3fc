import { LuaScript } from '../../connection/lua-script.js';
import { IN_THIS_LIFE } from '../script-parts.js';

/**
 * Sends a mark to a node, in order with the events: when it arrives, all that was published before has arrived, unless it
 * got lost. And keeps what is the log's own alive.
 *
 * KEYS: base, lineage, then the ends of channels. ARGV: life, time to live in ms, pub/sub channel of the node, the mark's
 * name, a place: no mark is wanted if nothing has been published since; or ''.
 *
 * The mark: name, epoch, present place, and the last places of the channels. Answers with the present place.
 */
export const MARK = new LuaScript(`
${IN_THIS_LIFE}
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if base[3] ~= ARGV[5] then
  local mark = { ARGV[4], base[2], base[3] }
  for i = 3, #KEYS do
    mark[#mark + 1] = string.match(redis.call('GET', KEYS[i]) or '0', '%d+')
  end
  redis.call('PUBLISH', ARGV[3], table.concat(mark, ' '))
end
return base[3]
`);
