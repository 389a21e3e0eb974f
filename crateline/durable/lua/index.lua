-- Keep a page, and let it be found by its anchors. Several pages may have one anchor: the first that was put is the first found.
-- KEYS: anchors hash, pages hash
-- ARGV: page id, row, since when it was read ('': it has just been written), anchor, …
-- Answer: 1 kept, 0 what is known of it is newer
if ARGV[3] ~= '' then
  local known = redis.call('HGET', KEYS[2], ARGV[1])
  if known and (cjson.decode(known).put or 0) > tonumber(ARGV[3]) then return 0 end
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for i = 4, #ARGV do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if not held then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
  elseif not string.find(' ' .. held .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then
    redis.call('HSET', KEYS[1], ARGV[i], held .. ' ' .. ARGV[1])
  end
end
return 1
