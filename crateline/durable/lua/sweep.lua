-- Take the hints whose time has come and that nobody is working on; each is due again after its grace.
-- KEYS: due set
-- ARGV: most, prefix of the hashes by station as JSON, grace (ms), more grace (ms) per message that lies before it,
--       messages by queue as JSON, queue by station as JSON, lane by station as JSON
-- Answer: {member, rescued (1: a claim had lapsed), card, …}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local prefixes, grace, each = cjson.decode(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local depth, queues, lanes = cjson.decode(ARGV[5]), cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
local taken = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))) do
  local station, key = string.match(member, '^([^|]+)|(.*)$')
  local hash = (station and prefixes[station] or '') .. (key or '')
  if not station or not lanes[station] or redis.call('EXISTS', hash) == 0 then
    redis.call('ZREM', KEYS[1], member)
  else
    local held = redis.call('HGET', hash, 'c:' .. lanes[station])
    local expires = held and tonumber(string.match(held, '^%S+ (%d+)')) or 0
    if expires > now then
      redis.call('ZADD', KEYS[1], expires + 1, member)
    else
      local queue = queues[station]
      redis.call('ZADD', KEYS[1], now + grace + each * depth[queue], member)
      depth[queue] = depth[queue] + 1
      table.insert(taken, member)
      table.insert(taken, held and '1' or '0')
      local card = redis.call('HGET', hash, 'card')
      table.insert(taken, card or '{}')
    end
  end
end
return taken
