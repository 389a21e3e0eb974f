-- Replace a settled hint by what comes next, unless the item has changed since: then the hint stays, to look again.
-- KEYS: item hash, due set
-- ARGV: settled member, the item's version as the settler saw it, grace (ms) of what comes next, member, …
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stays = false
for i = 4, #ARGV do
  redis.call('ZADD', KEYS[2], 'LT', now + tonumber(ARGV[3]), ARGV[i])
  stays = stays or ARGV[i] == ARGV[1]
end
if stays then return 0 end
if (redis.call('HGET', KEYS[1], 'v') or '1') ~= ARGV[2] then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  return 0
end
return redis.call('ZREM', KEYS[2], ARGV[1])
