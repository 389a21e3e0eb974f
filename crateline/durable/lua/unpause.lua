-- End a pause: everything that waited for the service is due now.
-- KEYS: pauses hash, parked set, due set, trial set, the last pause that ended by itself
-- ARGV: service, who ends it (person: any pause; probe: none that a person began; nobody: only what no pause holds),
--       who went through on trial (or ''), how long (ms) it is remembered
-- Answer: {was paused (1|0), how many hints were freed}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pause = redis.call('HGET', KEYS[1], ARGV[1])
if pause and (ARGV[2] == 'nobody' or (ARGV[2] == 'probe' and cjson.decode(pause).by_hand)) then return {0, 0} end
if ARGV[2] == 'person' then
  redis.call('DEL', KEYS[5])
elseif pause then
  local ended = cjson.decode(pause)
  ended.proven_by = ARGV[3]
  redis.call('SET', KEYS[5], cjson.encode(ended), 'PX', ARGV[4])
end
local was = redis.call('HDEL', KEYS[1], ARGV[1])
local freed = redis.call('SMEMBERS', KEYS[2])
for _, member in ipairs(freed) do redis.call('ZADD', KEYS[3], now, member) end
redis.call('DEL', KEYS[2], KEYS[4])
return {was, #freed}
