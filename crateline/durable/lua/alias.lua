-- Let a track be another upload of `main`, whatever it was before; it is at no station any more.
-- KEYS: track hash, due set, open-set prefix (a name only)
-- ARGV: track key, main's key, how often the track had been touched when its playlists were read
-- Answer: 1 done, 0 it has been touched since, or there is no such track
if redis.call('EXISTS', KEYS[1]) == 0 or (redis.call('HGET', KEYS[1], 'touched') or '0') ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], 'verdict', 'reason', 'at', 'kind', 'candidates', 's:analyze', 's:eagle', 'was:analyze', 'was:eagle',
  'c:download', 'c:analyze', 'c:eagle')
redis.call('HSET', KEYS[1], 'alias', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HINCRBY', KEYS[1], 'touched', 1)
for _, name in ipairs(cjson.decode(redis.call('HGET', KEYS[1], 'in') or '[]')) do redis.call('SADD', KEYS[3] .. name, ARGV[1]) end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), 'finalise|' .. ARGV[1])
return 1
