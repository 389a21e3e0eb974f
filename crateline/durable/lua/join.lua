-- Let a track belong to one more playlist: it is filed there, and its page is written again.
-- KEYS: track hash, due set, open-set prefix (a name only)   ARGV: track key, playlist key
-- Answer: 1 joined, 0 it was there already, or there is no such track
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local key, playlist = ARGV[1], ARGV[2]
local lists = cjson.decode(redis.call('HGET', KEYS[1], 'in') or '[]')
for _, name in ipairs(lists) do if name == playlist then return 0 end end
table.insert(lists, playlist)
redis.call('HSET', KEYS[1], 'in', cjson.encode(lists))
redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle')
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HINCRBY', KEYS[1], 'touched', 1)
for _, name in ipairs(lists) do redis.call('SADD', KEYS[3] .. name, key) end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), 'download|' .. key)
return 1
