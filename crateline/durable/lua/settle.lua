-- Change a claimed item, and give the claim up. The same token may settle twice: the second time changes nothing.
-- KEYS: item hash, due set, open-set prefix (a name only), parked prefix (a name only), pauses hash,
--       playlist prefix (a name only), counters of faults to forget, …
-- ARGV: lane, token, due member, item key, delay (ms; -1: keep due for the hand-over; -2: park),
--       bump (1: what Notion should say has changed), written (version that was written, or ''),
--       parked service, fields to set {name: value} as JSON, fields to drop [name] as JSON,
--       how often the item had been touched when it was claimed ('': that does not matter), station if it must rest
-- Answer: {1|0 stale, {field, value, …}}
local lane, token, member, key, delay = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local held = redis.call('HGET', KEYS[1], 'c:' .. lane)
if not held or string.match(held, '^%S+') ~= token then
  if redis.call('HGET', KEYS[1], 't:' .. lane) == token then return {1, redis.call('HGETALL', KEYS[1])} end
  return {0, {}}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function field(name) return redis.call('HGET', KEYS[1], name) or nil end
if ARGV[11] ~= '' and ARGV[11] ~= (field('touched') or '0') then  -- it was done for playlists that have changed since
  redis.call('HDEL', KEYS[1], 'c:' .. lane)
  redis.call('ZADD', KEYS[2], now, member)
  return {0, {}}
end

local set = {'t:' .. lane, token}
for name, value in pairs(cjson.decode(ARGV[9])) do
  table.insert(set, name)
  table.insert(set, value)
end
redis.call('HSET', KEYS[1], unpack(set))
redis.call('HDEL', KEYS[1], 'c:' .. lane, unpack(cjson.decode(ARGV[10])))
if #KEYS > 6 then redis.call('DEL', unpack(KEYS, 7)) end
if ARGV[6] == '1' then redis.call('HINCRBY', KEYS[1], 'v', 1) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'w', ARGV[7]) end

if ARGV[12] ~= '' then redis.call('HSET', KEYS[1], 'n:' .. ARGV[12], string.format('%.0f', now + delay)) end
if delay == -2 and redis.call('HEXISTS', KEYS[5], ARGV[8]) == 1 then
  redis.call('SADD', KEYS[4] .. ARGV[8], member)
  redis.call('ZREM', KEYS[2], member)
  redis.call('HSET', KEYS[1], 'p:' .. string.match(member, '^[^|]+'), ARGV[8])
elseif delay == -2 then
  redis.call('ZADD', KEYS[2], now, member)
elseif delay < 0 then
  redis.call('ZADD', KEYS[2], now + 5000, member)
else
  redis.call('ZADD', KEYS[2], now + delay, member)
end

local lists = field('in')
if lists then
  local written = tonumber(field('w') or '0') >= tonumber(field('v') or '1')
  local made = field('verdict') or field('alias') or (field('want') == 'page' and field('s:page'))
    or (field('s:download') and field('s:analyze') and field('s:eagle'))
  for _, playlist in ipairs(cjson.decode(lists)) do
    redis.call('HSET', KEYS[6] .. playlist, 'updated', time[1])
    if written and made then
      redis.call('SREM', KEYS[3] .. playlist, key)
    else
      redis.call('SADD', KEYS[3] .. playlist, key)
    end
  end
end
return {1, redis.call('HGETALL', KEYS[1])}
