-- Reserve a slot in a sliding log, so that no more than `limit` slots lie in any window.
-- KEYS: log, blocked-until, epoch, run of the server
-- ARGV: limit, window (ms), longest wait (ms), id of the request, service, id of a slot given back or ''
-- Answer: {1 granted | 0 too long | -1 the epoch is unknown, or the server was started anew, wait (ms), slot (ms)}
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('EXISTS', KEYS[3]) == 0 or (redis.call('GET', KEYS[4]) or run) ~= run then return {-1, 0, 0} end
local limit, window, longest, id = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[6] ~= '' then redis.call('ZREM', KEYS[1], ARGV[6]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local granted = redis.call('ZSCORE', KEYS[1], id)
if granted then return {1, math.max(0, tonumber(granted) - now), tonumber(granted)} end

local at = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0'))
local count = redis.call('ZCARD', KEYS[1])
if count >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  at = math.max(at, tonumber(oldest[2]) + window)
end
if at - now > longest then return {0, at - now, at} end
redis.call('ZADD', KEYS[1], at, id)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(last[2])) - now + window)
return {1, at - now, at}
