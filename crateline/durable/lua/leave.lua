-- Take one track out of a playlist: its page loses the relation, its folder the file.
-- KEYS: track hash, due set, members, open set of the playlist   ARGV: track key, playlist key
-- Answer: 1 it has left, 0 it was not in it
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SREM', KEYS[4], ARGV[1])
local kept, left = {}, 0
for _, name in ipairs(cjson.decode(redis.call('HGET', KEYS[1], 'in') or '[]')) do
  if name == ARGV[2] then left = 1 else table.insert(kept, name) end
end
if left == 0 then return 0 end
redis.call('HSET', KEYS[1], 'in', #kept > 0 and cjson.encode(kept) or '[]', 'left:' .. ARGV[2], '1')
local open = string.sub(KEYS[4], 1, #KEYS[4] - #ARGV[2])
for _, name in ipairs(kept) do redis.call('SADD', open .. name, ARGV[1]) end
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HINCRBY', KEYS[1], 'touched', 1)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local unfiled = redis.call('HEXISTS', KEYS[1], 'verdict') == 1 or redis.call('HEXISTS', KEYS[1], 'alias') == 1
if unfiled or redis.call('HGET', KEYS[1], 'want') == 'page' then
  redis.call('ZADD', KEYS[2], now, 'finalise|' .. ARGV[1])
else
  redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle')
  redis.call('ZADD', KEYS[2], now, 'download|' .. ARGV[1])
end
return 1
