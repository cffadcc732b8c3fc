/** The beginning of scripts that are meant for one life, which is their first argument: nothing is done in another. */
export const IN_THIS_LIFE = `
local base = redis.call('HMGET', KEYS[1], 'life', 'epoch', 'seq')
if base[1] ~= ARGV[1] then
  return redis.error_reply('LIFE another life of the log has begun')
end
`;

/** Lua functions for places, which have more digits than Lua prints. */
export const PLACES = `
local function text(place) return string.format('%.0f', place) end
local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
`;
