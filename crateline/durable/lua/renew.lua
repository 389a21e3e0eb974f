-- Prolong a claim that is still ours.
-- KEYS: item hash, due set   ARGV: lane, token, lease (ms), due member, holder
-- Answer: 1 renewed, 0 lost
local held = redis.call('HGET', KEYS[1], 'c:' .. ARGV[1])
if not held or string.match(held, '^%S+') ~= ARGV[2] then return 0 end
local time = redis.call('TIME')
local expires = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'c:' .. ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', expires) .. ' ' .. ARGV[5])
redis.call('ZADD', KEYS[2], expires, ARGV[4])
return 1
