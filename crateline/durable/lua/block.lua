-- Ask for silence: nobody gets a slot of this service before now + wait. An earlier, longer silence stays.
-- KEYS: blocked-until   ARGV: wait (ms)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.floor(till - now + 1000))
return till - now
