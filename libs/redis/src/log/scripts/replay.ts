import { LuaScript } from '../../connection/lua-script.js';
import { IN_THIS_LIFE, PLACES } from '../script-parts.js';

/**
 * Reads events of any number of channels in the order of their places, and tells what is gone.
 *
 * KEYS: base, lineage, then stream and end of each channel. ARGV: life, 'now' or 'start' or 'after' or 'unknown', epoch and
 * place to go on after, most events, most characters, age to keep in ms, time to remember a channel in ms, place to
 * read through or '+'.
 *
 * Answers with the present epoch and place, whether there is more, whether all channels have ended, the reason of a gap or
 * '', the numbers of the channels that have it, and for each event the number of its channel, its place, its entry.
 */
export const REPLAY = new LuaScript(`
${PLACES}
${IN_THIS_LIFE}
local mode, epoch, seq, limit, room = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local present = tonumber(base[3])
local from, reason = 0, ''
if mode == 'now' then
  from = present
elseif mode == 'unknown' or (mode == 'after' and epoch == base[2] and seq > present) then
  reason = 'unknown-id'
elseif mode == 'after' and epoch == base[2] then
  from = seq
elseif mode == 'after' then
  local cut = redis.call('HGET', KEYS[2], epoch)
  local through = cut and tonumber(string.match(cut, '%d+')) or 0
  from = math.min(seq, through)
  if not cut or seq > through or string.sub(cut, 1, 1) == '!' then reason = 'epoch' end
end

-- The clock may have run back; no place is after the time.
local now = math.max(microseconds(), present)
local oldest = text(math.max(0, now - ARGV[7] * 1000))
local forgotten = math.min(now - ARGV[8] * 1000, present)
local bound = ARGV[9]
local after = '(' .. text(from)
local channels = (#KEYS - 2) / 2
local found, length, gaps, ended = {}, 0, {}, channels > 0

local function earlier(one, other) return one[1] < other[1] end

-- One more than the page takes tells whether there is more, and is the furthest that is worth reading.
local function cut()
  table.sort(found, earlier)
  local last = 0
  length = 0
  repeat
    last = last + 1
    length = length + #found[last][4]
  until last == #found or last > limit or (length > room and last > 1)
  for i = #found, last + 1, -1 do found[i] = nil end
  if last > 1 then bound = found[last][3] end
end

-- A few at first: they may be large. What is found is sorted now and then only, which costs more than to read some too many.
local function read(channel, stream)
  local start, count, taken, first = after, math.min(4, limit + 1), 0
  repeat
    local entries = redis.call('XRANGE', stream, start, bound, 'COUNT', count)
    local filled = #entries == count
    for _, entry in ipairs(entries) do
      local place = string.match(entry[1], '^%d+')
      found[#found + 1] = { tonumber(place), channel, place, entry[2][2] }
      length = length + #entry[2][2]
      start = '(' .. place
    end
    first = first or entries[1]
    taken = taken + #entries
    if taken > limit or #found > 2 * limit or length > room then cut() end
    count = math.min(2 * count, limit + 1 - taken)
  until not filled or count <= 0
  return first
end

for channel = 1, channels do
  local stream, last = KEYS[1 + 2 * channel], redis.call('GET', KEYS[2 + 2 * channel])
  ended = ended and last and string.sub(last, -1) == 'f'
  local gone = not last and from < forgotten and from > 0
  -- The end of a stream that is there is gone only where Redis evicts keys.
  if last and tonumber(string.match(last, '%d+')) > from or not last and redis.call('EXISTS', stream) == 1 then
    redis.call('XTRIM', stream, 'MINID', '=', oldest)
    local first = read(channel, stream) or redis.call('XRANGE', stream, after, '+', 'COUNT', 1)[1]
    local before = first and tonumber(string.match(first[2][2], '^-?%d+'))
    gone = not before or before > from or (from > 0 and -before > from)
  end
  if gone or reason ~= '' then gaps[#gaps + 1] = channel end
end
if #gaps > 0 and reason == '' then reason = 'trimmed' end

table.sort(found, earlier)
local more = #found > limit
local events = {}
for i = 1, math.min(#found, limit) do
  local event = found[i]
  room = room - #event[4]
  if room < 0 and i > 1 then
    more = true
    break
  end
  events[#events + 1] = event[2]
  events[#events + 1] = event[3]
  events[#events + 1] = event[4]
end
return { base[2], base[3], more and 1 or 0, ended and not more and 1 or 0, reason, gaps, events }
`);
