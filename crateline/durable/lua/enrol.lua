-- Put one row of a playlist on the line.
-- KEYS: track hash, due set, members, open-set prefix (a name only)
-- ARGV: track key, card, playlist key, position, want (all|page), verdict or '', reason, silent (1: no page for it),
--       due of the page hint (ms), due of the download hint (ms)
-- Answer: {new (1|0), open (1|0), alias or ''}
local key, playlist = ARGV[1], ARGV[3]
local new = redis.call('HSETNX', KEYS[1], 'card', ARGV[2])
local function field(name) return redis.call('HGET', KEYS[1], name) or nil end
redis.call('ZADD', KEYS[3], 'NX', ARGV[4], key)

local lists, known = {}, false
if field('in') then lists = cjson.decode(field('in')) end
for _, name in ipairs(lists) do if name == playlist then known = true end end

if new == 1 then
  redis.call('HSET', KEYS[1], 'v', 1, 'w', 0, 'want', ARGV[5])
  if ARGV[6] ~= '' then
    redis.call('HSET', KEYS[1], 'verdict', ARGV[6], 'reason', ARGV[7], 'at', 'download')
    if ARGV[8] == '1' then redis.call('HSET', KEYS[1], 'w', 1) end
  end
end
if not known then
  table.insert(lists, playlist)
  redis.call('HSET', KEYS[1], 'in', cjson.encode(lists))
  if new == 0 then
    if not (field('verdict') and field('w') == field('v') and not field('s:page')) then redis.call('HINCRBY', KEYS[1], 'v', 1) end
    redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle')
  end
end
if ARGV[5] == 'all' and field('want') == 'page' then
  redis.call('HSET', KEYS[1], 'want', 'all')
  redis.call('HINCRBY', KEYS[1], 'v', 1)
end

local written = tonumber(field('w')) >= tonumber(field('v'))
local made = field('verdict') or field('alias') or (field('want') == 'page' and field('s:page'))
  or (field('s:download') and field('s:analyze') and field('s:eagle'))
local open = not (written and made)
for _, name in ipairs(lists) do
  if open then redis.call('SADD', KEYS[4] .. name, key) else redis.call('SREM', KEYS[4] .. name, key) end
end
if open then
  local write = 'page|' .. key
  if field('verdict') or field('alias') or field('s:page') then write = 'finalise|' .. key end
  redis.call('ZADD', KEYS[2], 'NX', ARGV[9], write)
  if field('want') == 'all' and not field('verdict') and not field('alias') then
    redis.call('ZADD', KEYS[2], 'NX', ARGV[10], 'download|' .. key)
  end
end
return {new, open and 1 or 0, field('alias') or ''}
