-- Let a track belong to one more playlist: it is filed there, and its page is written again.
-- Another upload's playlist goes to the track that stands for both.
-- KEYS: track hash, due set, open-set prefix (a name only), track prefix (a name only)   ARGV: track key, playlist key
-- Answer: 1 joined, 0 it was there already, or there is no such track
local key, playlist, hash = ARGV[1], ARGV[2], KEYS[1]
for _ = 1, 16 do
  local alias = redis.call('HGET', hash, 'alias')
  if not alias then break end
  key, hash = alias, KEYS[4] .. alias
end
if redis.call('EXISTS', hash) == 0 then return 0 end
local lists = cjson.decode(redis.call('HGET', hash, 'in') or '[]')
for _, name in ipairs(lists) do if name == playlist then return 0 end end
table.insert(lists, playlist)
redis.call('HSET', hash, 'in', cjson.encode(lists))
redis.call('HDEL', hash, 's:analyze', 's:eagle')
redis.call('HINCRBY', hash, 'v', 1)
redis.call('HINCRBY', hash, 'touched', 1)
for _, name in ipairs(lists) do redis.call('SADD', KEYS[3] .. name, key) end
local time = redis.call('TIME')
local station = redis.call('HGET', hash, 'want') == 'page' and 'finalise|' or 'download|'
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), station .. key)
return 1
