-- Say what an item of the library should come to. The same wish as before changes nothing; another one makes it due.
-- KEYS: item hash, due set
-- ARGV: due member, digest of the wish, fields to set {name: value} as JSON, fields to drop first [name] as JSON
-- Answer: 1 it is to be written, 0 Notion has it already
local function field(name) return redis.call('HGET', KEYS[1], name) or nil end
local again = field('digest') == ARGV[2] and not field('verdict')
if again and tonumber(field('w') or '0') >= tonumber(field('v') or '1') then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[2], 'LT', now, ARGV[1])
if again then return 1 end
for _, name in ipairs(cjson.decode(ARGV[4])) do redis.call('HDEL', KEYS[1], name) end
for name, value in pairs(cjson.decode(ARGV[3])) do redis.call('HSET', KEYS[1], name, value) end
redis.call('HSET', KEYS[1], 'digest', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'v', 1)
local station = string.match(ARGV[1], '^[^|]+')
redis.call('HDEL', KEYS[1], 'verdict', 'reason', 'at', 'did', 'tries:' .. station, 'n:' .. station)
return 1
