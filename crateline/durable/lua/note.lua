-- Write something down, or take it back, while a claim is ours.
-- KEYS: item hash   ARGV: lane, token, fields to set {name: value} as JSON, fields to drop [name] as JSON
-- Answer: 1 done, 0 the claim is lost
local held = redis.call('HGET', KEYS[1], 'c:' .. ARGV[1])
if not held or string.match(held, '^%S+') ~= ARGV[2] then return 0 end
for name, value in pairs(cjson.decode(ARGV[3])) do redis.call('HSET', KEYS[1], name, value) end
for _, name in ipairs(cjson.decode(ARGV[4])) do redis.call('HDEL', KEYS[1], name) end
return 1
