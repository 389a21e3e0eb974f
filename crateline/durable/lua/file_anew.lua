-- Have a track filed and its page written anew: one of its playlists has another name now.
-- KEYS: track hash, due set, open-set prefix (a name only)   ARGV: track key
-- Answer: 1 it will be, 0 there is nothing to write
local function has(field) return redis.call('HEXISTS', KEYS[1], field) == 1 end
if not has('card') or has('alias') or (has('verdict') and not has('s:page')) then return 0 end
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HINCRBY', KEYS[1], 'touched', 1)
for _, name in ipairs(cjson.decode(redis.call('HGET', KEYS[1], 'in') or '[]')) do
  redis.call('SADD', KEYS[3] .. name, ARGV[1])
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if has('verdict') or redis.call('HGET', KEYS[1], 'want') == 'page' then
  redis.call('ZADD', KEYS[2], now, 'finalise|' .. ARGV[1])
else
  redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle')
  redis.call('ZADD', KEYS[2], now, 'download|' .. ARGV[1])
end
return 1
