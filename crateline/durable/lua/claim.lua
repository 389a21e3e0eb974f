-- Claim a station of an item, or say why not.
-- KEYS: item hash, due set, pauses hash
-- ARGV: station, lane, token, lease (ms), due member, parked-key prefix, services (space separated), holder,
--       1 if the station writes what has a version, trial prefix, how long (ms) a hint on trial may take
-- Answer: {status, detail, {field, value, …}}; the detail of a claim are the paused services that it is a trial of
local station, lane, token, lease, member = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function field(name) return redis.call('HGET', KEYS[1], name) or nil end

if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], member)
  return {'missing', '', {}}
end

local writes = ARGV[9] == '1'
local sealed
if writes then
  sealed = tonumber(field('w') or '0') >= tonumber(field('v') or '1')
else
  sealed = field('s:' .. station)
end
if sealed then return {'sealed', '', redis.call('HGETALL', KEYS[1])} end
if not writes and (field('verdict') or field('alias')) then return {'closed', '', redis.call('HGETALL', KEYS[1])} end

local rest = tonumber(field('n:' .. station) or '0')
if rest > now then
  redis.call('ZADD', KEYS[2], rest, member)
  return {'early', '', {}}
end

local held = field('c:' .. lane)
if held then
  local holder, expires = string.match(held, '^(%S+) (%d+)')
  if holder ~= token and tonumber(expires) > now then
    redis.call('ZADD', KEYS[2], tonumber(expires) + 1, member)
    return {'held', expires, {}}
  end
end

local trials = {}
for service in string.gmatch(ARGV[7], '%S+') do
  local paused = redis.call('HEXISTS', KEYS[3], service) == 1
  if paused and redis.call('SISMEMBER', ARGV[10] .. service, member) == 1 then
    redis.call('PEXPIRE', ARGV[10] .. service, ARGV[11])
    table.insert(trials, service)
  elseif paused then
    redis.call('SADD', ARGV[6] .. service, member)
    redis.call('ZREM', KEYS[2], member)
    redis.call('HSET', KEYS[1], 'p:' .. station, service)
    return {'paused', service, redis.call('HGETALL', KEYS[1])}
  end
end

redis.call('HSET', KEYS[1], 'c:' .. lane, token .. ' ' .. string.format('%.0f', now + lease) .. ' ' .. ARGV[8])
redis.call('HDEL', KEYS[1], 'p:' .. station, 'n:' .. station)
redis.call('ZADD', KEYS[2], now + lease, member)
return {'claimed', table.concat(trials, ' '), redis.call('HGETALL', KEYS[1])}
