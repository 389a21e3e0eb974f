-- End a pause: everything that waited for the service is due now.
-- KEYS: pauses hash, parked set, due set   ARGV: service
-- Answer: {was paused (1|0), how many hints were freed}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local was = redis.call('HDEL', KEYS[1], ARGV[1])
local freed = redis.call('SMEMBERS', KEYS[2])
for _, member in ipairs(freed) do redis.call('ZADD', KEYS[3], now, member) end
redis.call('DEL', KEYS[2])
return {was, #freed}
