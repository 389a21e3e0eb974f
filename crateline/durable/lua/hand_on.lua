-- Replace a settled hint by what comes next, unless the item has changed since: then the hint stays, to look again.
-- KEYS: item hash, due set   ARGV: settled member, the item's version as the settler saw it, member, due (ms), …
for i = 3, #ARGV, 2 do redis.call('ZADD', KEYS[2], 'LT', ARGV[i + 1], ARGV[i]) end
for i = 3, #ARGV, 2 do if ARGV[i] == ARGV[1] then return 0 end end
if (redis.call('HGET', KEYS[1], 'v') or '1') ~= ARGV[2] then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
  return 0
end
return redis.call('ZREM', KEYS[2], ARGV[1])
