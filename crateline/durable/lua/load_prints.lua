-- Fill a register that has forgotten. Whoever began last fills it; what an earlier one still brings is refused.
-- KEYS: state of the register, prints, prints by the instant of their registration, keys by number,
--       the index
-- ARGV: step, who fills it, and by step   begin, end: nothing   prints: key, number, print, instant (ms), …
--       index: bucket, bytes to append, …
-- Answer: 1 taken, 0 refused
if redis.call('HEXISTS', KEYS[1], 'built') == 1 then return 0 end
if ARGV[1] == 'begin' then
  redis.call('UNLINK', unpack(KEYS))
  redis.call('HSET', KEYS[1], 'filling', ARGV[2])
  return 1
end
if redis.call('HGET', KEYS[1], 'filling') ~= ARGV[2] then return 0 end
if ARGV[1] == 'prints' then
  for i = 3, #ARGV, 4 do
    redis.call('HSET', KEYS[2], ARGV[i], struct.pack('<I4', tonumber(ARGV[i + 1])) .. ARGV[i + 2])
    redis.call('HSET', KEYS[4], ARGV[i + 1], ARGV[i])
    redis.call('HSET', KEYS[1], 'number', ARGV[i + 1])
    redis.call('ZADD', KEYS[3], ARGV[i + 3], ARGV[i])
  end
elseif ARGV[1] == 'index' then
  for i = 3, #ARGV, 2 do
    redis.call('HSET', KEYS[5], ARGV[i], (redis.call('HGET', KEYS[5], ARGV[i]) or '') .. ARGV[i + 1])
  end
else
  redis.call('HDEL', KEYS[1], 'filling')
  redis.call('HSET', KEYS[1], 'built', ARGV[2])
end
return 1
