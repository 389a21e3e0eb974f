-- Let an analysed track stand for its recording, unless an earlier one of the same recording does.
-- KEYS: track hash, state of the register, prints, prints by length, prints by the instant of their registration,
--       track prefix (a name only)
-- ARGV: track key, lane, token, the register's state when it was searched, print, length (s), key of a like print, …
-- Answer: {stale}: the claim is lost; {changed}: search again; {first, instant, key that stands back, …};
--         {alias, key}: that track stands for both; {wait, key}: it will, unless it ends before it has a file
local key, prefix = ARGV[1], KEYS[6]
local held = redis.call('HGET', KEYS[1], 'c:' .. ARGV[2])
if not held or string.match(held, '^%S+') ~= ARGV[3] then return {'stale'} end
local state = redis.call('HMGET', KEYS[2], 'built', 'changes')
if not state[1] or state[1] .. ' ' .. (state[2] or '0') ~= ARGV[4] then return {'changed'} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mine = redis.call('ZSCORE', KEYS[5], key)
local earlier = {}
for i = 7, #ARGV do
  local other = ARGV[i]
  local at = redis.call('ZSCORE', KEYS[5], other)
  local before = not mine or (at and tonumber(at) < tonumber(mine)) or (at and tonumber(at) == tonumber(mine) and other < key)
  if at and before and other ~= key then table.insert(earlier, {tonumber(at), other}) end
end
table.sort(earlier, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)

local function forget(other)
  redis.call('HDEL', KEYS[3], other)
  redis.call('ZREM', KEYS[4], other)
  redis.call('ZREM', KEYS[5], other)
  redis.call('HINCRBY', KEYS[2], 'changes', 1)
end

for _, pair in ipairs(earlier) do
  local other = pair[2]
  local want, alias, verdict, sealed, claim =
    unpack(redis.call('HMGET', prefix .. other, 'want', 'alias', 'verdict', 's:analyze', 'c:analyze'))
  local live = claim and tonumber(string.match(claim, '^%S+ (%d+)')) > now
  if want == 'all' and not alias and sealed then
    if mine then forget(key) end
    return {'alias', other}
  end
  if want == 'all' and not alias and (live or not verdict) then return {'wait', other} end
end

local answer = {'first', mine or string.format('%.0f', now)}
for _, pair in ipairs(earlier) do  -- it is not on the line, or ended there without a file: when it comes again, it is the later one
  forget(pair[2])
  redis.call('HDEL', prefix .. pair[2], 'c:analyze')
  table.insert(answer, pair[2])
end
if redis.call('HGET', KEYS[3], key) ~= ARGV[5] or not mine then redis.call('HINCRBY', KEYS[2], 'changes', 1) end
redis.call('HSET', KEYS[3], key, ARGV[5])
redis.call('ZADD', KEYS[4], ARGV[6], key)
redis.call('ZADD', KEYS[5], answer[2], key)
return answer
