import { LuaScript } from '../../connection/lua-script.js';
import { PLACES } from '../script-parts.js';

/** So many earlier epochs are known; a cursor of one before them gets a gap. */
const LINEAGE = 64;

/**
 * Begins a life of the log, or enters the present one.
 *
 * A life ends with the process that keeps the log (its `run_id`): what comes up in its place may lack the newest writes. So
 * the new one has an epoch of its own, and the lineage tells up to which place the one before is there. A node that knows
 * a place beyond it proves that writes have been lost: then all epochs up to now are lossy (`!`), and yet another begins. So
 * does one that knows a place of an unknown epoch after the present one was born: another process has kept the log meanwhile.
 *
 * A life also ends where its scripts are found missing, though its process goes on; its epoch doesn't. So none of the calls
 * that are under way is carried out after one that was refused.
 *
 * KEYS: base, lineage. ARGV: name for a new epoch, life whose scripts are missing or '', time to live in ms, channel to tell
 * of a new epoch, then pairs of an epoch and the highest place that the node knows of it. Answers with the life, its epoch and
 * place, and whether this call has begun it.
 */
export const ENTER = new LuaScript(`
${PLACES}
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local base = redis.call('HMGET', KEYS[1], 'life', 'epoch', 'seq', 'born')
local life, epoch, seq, born = base[1], base[2], tonumber(base[3] or 0), tonumber(base[4] or 0)
local highest, lossy = seq, false
for i = 5, #ARGV, 2 do
  local known, place = ARGV[i], tonumber(ARGV[i + 1])
  highest = math.max(highest, place)
  if known == epoch then
    lossy = lossy or place > seq
  else
    local cut = redis.call('HGET', KEYS[2], known)
    if cut then
      lossy = lossy or (string.sub(cut, 1, 1) ~= '!' and place > tonumber(cut))
    else
      lossy = lossy or (epoch and place > born)
    end
  end
end
if lossy then
  local lineage = redis.call('HGETALL', KEYS[2])
  for i = 1, #lineage, 2 do
    redis.call('HSET', KEYS[2], lineage[i], '!' .. string.match(lineage[i + 1], '%d+'))
  end
end
local moved = not epoch or string.match(life, '^%w+') ~= run
if moved or lossy then
  if epoch then
    redis.call('HSET', KEYS[2], epoch, (lossy and '!' or '') .. text(seq))
  end
  epoch = ARGV[1]
  seq = math.max(highest, base[3] and 0 or microseconds())
  born = seq
end
local before = life
if moved then
  life = run .. '.0'
elseif life == ARGV[2] then
  life = run .. '.' .. (string.match(life, '%d+$') + 1)
end
redis.call('HSET', KEYS[1], 'life', life, 'epoch', epoch, 'seq', text(seq), 'born', text(born))
if redis.call('HLEN', KEYS[2]) > ${LINEAGE} then
  local lineage = redis.call('HGETALL', KEYS[2])
  local oldest, lowest
  for i = 1, #lineage, 2 do
    local cut = tonumber(string.match(lineage[i + 1], '%d+'))
    if not lowest or cut < lowest then oldest, lowest = lineage[i], cut end
  end
  redis.call('HDEL', KEYS[2], oldest)
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if epoch == ARGV[1] then
  redis.call('PUBLISH', ARGV[4], epoch)
end
return { life, epoch, text(seq), life ~= before and 1 or 0 }
`);
