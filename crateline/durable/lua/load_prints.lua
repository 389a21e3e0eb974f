-- Fill a register that has forgotten. Whoever began last fills it; what an earlier one still brings is refused.
-- KEYS: state of the register, prints, prints by length, prints by the instant of their registration
-- ARGV: begin|more|end, who fills it, key, print, length (s), instant (ms), …
-- Answer: 1 taken, 0 refused
if redis.call('HEXISTS', KEYS[1], 'built') == 1 then return 0 end
if ARGV[1] == 'begin' then
  redis.call('DEL', unpack(KEYS))
  redis.call('HSET', KEYS[1], 'filling', ARGV[2])
  return 1
end
if redis.call('HGET', KEYS[1], 'filling') ~= ARGV[2] then return 0 end
for i = 3, #ARGV, 4 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i])
  redis.call('ZADD', KEYS[4], ARGV[i + 3], ARGV[i])
end
if ARGV[1] == 'end' then
  redis.call('HDEL', KEYS[1], 'filling')
  redis.call('HSET', KEYS[1], 'built', ARGV[2])
end
return 1
