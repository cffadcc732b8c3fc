import { StoredScript } from './stored-script.js';

/*
 * KEYS: 1 the slots that are held, 2 the nodes, 3 what the calling node holds. ARGV: 1 the node, 2 the life of its leases in
 * milliseconds.
 *
 * - Slots: a sorted set whose scores are all 0, so that its members are in the order of their bytes:
 *   `<key>\0<microseconds>:<node>:<lease>:<claim>:<1 if it can make room>`. A key's count is the length of its range, its
 *   oldest holder the first of it; no counter can be wrong.
 * - Nodes: a sorted set, each with the time at which its leases end unless it renews them.
 * - A node's hash: lease -> its members, `e<lease>` -> the limit for which another has taken it, `alive`: it is known.
 *
 * All of them expire together, when no node has renewed anything for a minute and six lives: Redis may be away for as long, and
 * still knows what the nodes hold that come back later than the first.
 */
const COMMON = String.raw`
local slots, nodes, own = KEYS[1], KEYS[2], KEYS[3]
local node, lifeMs = ARGV[1], tonumber(ARGV[2])
local keepMs = 6 * lifeMs + 60000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function hashOf(name) return nodes .. ':' .. name end

local function keep()
  redis.call('PEXPIRE', slots, keepMs)
  redis.call('PEXPIRE', nodes, keepMs)
  for _, name in ipairs(redis.call('ZRANGE', nodes, 0, -1)) do
    redis.call('PEXPIRE', hashOf(name), keepMs)
  end
end

local function renew()
  redis.call('ZADD', nodes, string.format('%.0f', now + lifeMs), node)
  redis.call('HSET', own, 'alive', '')
end

local function drop(hash, lease)
  local packed = redis.call('HGET', hash, lease)
  if packed then
    for _, member in ipairs(cmsgpack.unpack(packed)) do
      redis.call('ZREM', slots, member)
    end
    redis.call('HDEL', hash, lease)
  end
end

-- Only where a node is known whose hash is gone: somebody has deleted keys.
local function dropAllOf(name)
  for _, member in ipairs(redis.call('ZRANGE', slots, 0, -1)) do
    if string.find(member, '%z%d+:' .. name .. ':%d+:%d+:%d$') then
      redis.call('ZREM', slots, member)
    end
  end
end

-- Takes from dead nodes up to so many leases; tells whether there may be more.
local function purge(most)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', nodes, '-inf', '(' .. string.format('%.0f', now))) do
    if name ~= node then
      local hash = hashOf(name)
      local leases = redis.call('HKEYS', hash)
      for _, lease in ipairs(leases) do
        if string.find(lease, '^%d') then
          if most == 0 then return true end
          most = most - 1
          drop(hash, lease)
        end
      end
      if #leases == 0 then dropAllOf(name) end
      redis.call('DEL', hash)
      redis.call('ZREM', nodes, name)
    end
  end
  return false
end
`;

/**
 * Takes a lease. ARGV: 3 its number, 4 whether it can make room, 5 whether others shall make room for it, then key, limit and
 * max of each claim. Answers `['taken', since]`, `['refused', index of the claim]`, or `['unknown']`: the node's leases have
 * ended, or got lost.
 */
export const takeScript = new StoredScript(
  COMMON +
    String.raw`
local lease, canMakeRoom, evicts = ARGV[3], ARGV[4], ARGV[5] == '1'
local claims = {}
for at = 6, #ARGV, 3 do
  claims[#claims + 1] = { key = ARGV[at], limit = ARGV[at + 1], max = tonumber(ARGV[at + 2]) }
end

local function first(key) return '[' .. key .. '\0' end
local function past(key) return '(' .. key .. '\1' end
local function count(key) return redis.call('ZLEXCOUNT', slots, first(key), past(key)) end

local function firstUsedUp()
  local before = {}
  for index, claim in ipairs(claims) do
    local asked = before[claim.key] or 0
    if count(claim.key) + asked >= claim.max then return index end
    before[claim.key] = asked + 1
  end
end

local function holds(holder, key)
  local held = 0
  for _, member in ipairs(holder.members) do
    if string.sub(member, 1, #key + 1) == key .. '\0' then held = held + 1 end
  end
  return held
end

-- Who makes room, as in the table of one node: the last claims come first, who goes for them leaves room in the others too.
local function leaving()
  local gone, list = {}, {}
  for index = #claims, 1, -1 do
    local claim = claims[index]
    local over = count(claim.key) - claim.max
    for _, other in ipairs(claims) do
      if other.key == claim.key then over = over + 1 end
    end
    for _, holder in ipairs(list) do over = over - holds(holder, claim.key) end
    local from = 0
    while over > 0 do
      local page = redis.call('ZRANGEBYLEX', slots, first(claim.key), past(claim.key), 'LIMIT', from, 100)
      for _, member in ipairs(page) do
        local name, number = string.match(member, '%z%d+:(%x+):(%d+):%d+:1$')
        local id = name and name .. ':' .. number
        if over > 0 and id and not gone[id] then
          local packed = redis.call('HGET', hashOf(name), number)
          local holder = { node = name, lease = number, limit = claim.limit, members = packed and cmsgpack.unpack(packed) or { member } }
          gone[id] = true
          list[#list + 1] = holder
          over = over - holds(holder, claim.key)
        end
      end
      if #page < 100 then break end
      from = from + 100
    end
    if over > 0 then return {} end
  end
  return list
end

if not redis.call('ZSCORE', nodes, node) then return { 'unknown' } end
renew()
local usedUp = firstUsedUp()
local more = true
while usedUp and more do
  more = purge(1000)
  usedUp = firstUsedUp()
end
if usedUp then
  local list = evicts and leaving() or {}
  if #list == 0 then return { 'refused', usedUp - 1 } end
  for _, holder in ipairs(list) do
    local hash = hashOf(holder.node)
    drop(hash, holder.lease)
    if redis.call('EXISTS', hash) == 1 then
      redis.call('HSET', hash, 'e' .. holder.lease, holder.limit)
    end
    redis.call('PUBLISH', hash, holder.lease .. ' ' .. holder.limit)
  end
end
local since = time[1] .. string.format('%06d', time[2])
local members = {}
for index, claim in ipairs(claims) do
  local member = claim.key .. '\0' .. since .. ':' .. node .. ':' .. lease .. ':' .. index .. ':' .. canMakeRoom
  members[index] = member
  redis.call('ZADD', slots, 0, member)
end
redis.call('HSET', own, lease, cmsgpack.pack(members))
keep()
return { 'taken', since }
`,
);

/** Gives leases back. ARGV: from 3 their numbers, each with the key that is given back alone, empty for all. */
export const releaseScript = new StoredScript(
  COMMON +
    String.raw`
local function dropKey(lease, key)
  local packed = redis.call('HGET', own, lease)
  local left = {}
  for _, member in ipairs(packed and cmsgpack.unpack(packed) or {}) do
    if string.sub(member, 1, #key + 1) == key .. '\0' then
      redis.call('ZREM', slots, member)
    else
      left[#left + 1] = member
    end
  end
  if #left > 0 then
    redis.call('HSET', own, lease, cmsgpack.pack(left))
  elseif packed then
    redis.call('HDEL', own, lease)
  end
end

for at = 3, #ARGV, 2 do
  if ARGV[at + 1] == '' then drop(own, ARGV[at]) else dropKey(ARGV[at], ARGV[at + 1]) end
end
`,
);

/**
 * Renews all that the node holds, and takes from dead nodes what they held. Answers `[whether the node was known, how much its
 * hash has, whether there is more to take]`.
 */
export const renewScript = new StoredScript(
  COMMON +
    String.raw`
local known = redis.call('ZSCORE', nodes, node) and redis.call('EXISTS', own)
if known == 1 then renew() end
local more = purge(1000)
keep()
return { known or 0, redis.call('HLEN', own), more and 1 or 0 }
`,
);

/**
 * Makes the node known. ARGV: 3 whether the other nodes are to get another life as well: after Redis was away they may not have
 * come back yet. Answers the fields of its hash and their values where they tell of an eviction.
 */
export const registerScript = new StoredScript(
  COMMON +
    String.raw`
if redis.call('ZSCORE', nodes, node) and redis.call('EXISTS', own) == 0 then dropAllOf(node) end
renew()
if ARGV[3] == '1' then
  for _, name in ipairs(redis.call('ZRANGE', nodes, 0, -1)) do
    redis.call('ZADD', nodes, 'GT', string.format('%.0f', now + lifeMs), name)
  end
end
keep()
local told = {}
for _, lease in ipairs(redis.call('HKEYS', own)) do
  if lease ~= 'alive' then
    told[#told + 1] = lease
    told[#told + 1] = string.find(lease, '^e') and redis.call('HGET', own, lease) or ''
  end
end
return told
`,
);

/**
 * Makes leases what the node holds, where Redis has lost them or hasn't been told of all that was given back. ARGV: from 3 for
 * each lease its number, since when it is held, whether it can make room, how many keys, the keys.
 */
export const restoreScript = new StoredScript(
  COMMON +
    String.raw`
local at = 3
while at <= #ARGV do
  local lease, since, canMakeRoom, keys = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local members = {}
  drop(own, lease)
  for index = 1, keys do
    local member = ARGV[at + 3 + index] .. '\0' .. since .. ':' .. node .. ':' .. lease .. ':' .. index .. ':' .. canMakeRoom
    members[index] = member
    redis.call('ZADD', slots, 0, member)
  end
  redis.call('HSET', own, lease, cmsgpack.pack(members))
  at = at + 4 + keys
end
keep()
`,
);

/** Forgets that leases were evicted, which the node has been told. ARGV: from 3 their numbers. */
export const forgetEvictedScript = new StoredScript(
  COMMON +
    String.raw`
for at = 3, #ARGV do redis.call('HDEL', own, 'e' .. ARGV[at]) end
`,
);

/** Gives back all that the node holds, and forgets it. */
export const leaveScript = new StoredScript(
  COMMON +
    String.raw`
for _, lease in ipairs(redis.call('HKEYS', own)) do
  if string.find(lease, '^%d') then drop(own, lease) end
end
redis.call('DEL', own)
redis.call('ZREM', nodes, node)
`,
);
