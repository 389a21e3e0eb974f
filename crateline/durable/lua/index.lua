-- Let a page be found by its anchors. Several pages may have one anchor: the first that was put is the first found.
-- KEYS: anchors hash   ARGV: page id, anchor, …
for i = 2, #ARGV do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if not held then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
  elseif not string.find(' ' .. held .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then
    redis.call('HSET', KEYS[1], ARGV[i], held .. ' ' .. ARGV[1])
  end
end
