-- Let an analysed track stand for its recording, unless an earlier one of the same recording does.
-- KEYS: track hash, state of the register, prints, prints by the instant of their registration, keys by number,
--       the index, track prefix (a name only)
-- ARGV: key, lane ('': a file that is on no line, it is put in as it is), token, the register's state when it was searched,
--       print, its distinct 24-bit words (4 bytes each), key of a like print, …
-- Answer: {stale}: the claim is lost; {changed}: search again; {first, instant, key that stands back, …};
--         {alias, key}: that track stands for both; {wait, key}: it will, unless it ends before it has a file
local key, prefix = ARGV[1], KEYS[7]
local held = redis.call('HGET', KEYS[1], 'c:' .. ARGV[2])
if ARGV[2] ~= '' and (not held or string.match(held, '^%S+') ~= ARGV[3]) then return {'stale'} end
local state = redis.call('HMGET', KEYS[2], 'built', 'changes')
if not state[1] or state[1] .. ' ' .. (state[2] or '0') ~= ARGV[4] then return {'changed'} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mine = redis.call('ZSCORE', KEYS[4], key)
local earlier = {}
for i = 7, #ARGV do
  local other = ARGV[i]
  local at = redis.call('ZSCORE', KEYS[4], other)
  local before = not mine or (at and tonumber(at) < tonumber(mine)) or (at and tonumber(at) == tonumber(mine) and other < key)
  if at and before and other ~= key then table.insert(earlier, {tonumber(at), other}) end
end
table.sort(earlier, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)

local function forget(other)  -- what the index holds of it stays, and leads nowhere
  local record = redis.call('HGET', KEYS[3], other)
  if record then redis.call('HDEL', KEYS[5], struct.unpack('<I4', record)) end
  redis.call('HDEL', KEYS[3], other)
  redis.call('ZREM', KEYS[4], other)
  redis.call('HINCRBY', KEYS[2], 'changes', 1)
end

for _, pair in ipairs(earlier) do
  local other = pair[2]
  local want, alias, verdict, sealed, claim, kind =
    unpack(redis.call('HMGET', prefix .. other, 'want', 'alias', 'verdict', 's:analyze', 'c:analyze', 'kind'))
  sealed = sealed or (verdict == 'review' and kind == 'fingerprint')  -- it has its file, whatever a person is asked about it
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

local record = redis.call('HGET', KEYS[3], key)
if not record or string.sub(record, 5) ~= ARGV[5] then
  if record then forget(key) end
  local number = redis.call('HINCRBY', KEYS[2], 'number', 1)
  redis.call('HINCRBY', KEYS[2], 'changes', 1)
  redis.call('HSET', KEYS[3], key, struct.pack('<I4', number) .. ARGV[5])
  redis.call('HSET', KEYS[5], number, key)
  for i = 1, #ARGV[6], 4 do
    local word = struct.unpack('<I4', ARGV[6], i)
    local bucket, posting = string.sub(ARGV[6], i + 1, i + 2), struct.pack('<I4', word % 256 * 16777216 + number)
    redis.call('HSET', KEYS[6], bucket, (redis.call('HGET', KEYS[6], bucket) or '') .. posting)
  end
end
redis.call('ZADD', KEYS[4], answer[2], key)
return answer
