-- Put one row of a playlist on the line.
-- KEYS: track hash, due set, members, open-set prefix (a name only), due time (ms) of the last early page
-- ARGV: track key, card, playlist key, position, want (all|page), verdict or '', reason, silent (1: no page for it),
--       time between early pages (ms), digest of the words in the card
-- Answer: {new (1|0), open (1|0), alias or ''}
local key, playlist = ARGV[1], ARGV[3]
local new = redis.call('HSETNX', KEYS[1], 'card', ARGV[2])
local function field(name) return redis.call('HGET', KEYS[1], name) or nil end
redis.call('ZADD', KEYS[3], ARGV[4], key)

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
if new == 0 and ARGV[6] == '' and field('card') ~= ARGV[2] and not field('s:download') then
  local nameless = cjson.decode(field('card')).title == nil
  redis.call('HSET', KEYS[1], 'card', ARGV[2])  -- what its source says now: it may have become public, or playable
  if field('want') == 'page' and field('s:page') then redis.call('HINCRBY', KEYS[1], 'v', 1) end
  if field('verdict') == 'refused' and nameless then
    redis.call('HDEL', KEYS[1], 'verdict', 'reason', 'at')
    redis.call('HINCRBY', KEYS[1], 'v', 1)
    redis.call('HINCRBY', KEYS[1], 'touched', 1)
  end
end
local said, filed_anew = 'said:' .. playlist, false
if ARGV[6] == '' then
  local before, card = field(said), cjson.decode(field('card'))
  if known and before ~= ARGV[10] and field('card') ~= ARGV[2] then  -- its listing says of it what it has not said before
    local fresh, changed = cjson.decode(ARGV[2]), false
    for _, name in ipairs({'title', 'artist', 'album', 'isrc', 'genre', 'artwork_url', 'url'}) do
      if fresh[name] and fresh[name] ~= card[name] then card[name], changed = fresh[name], true end
    end
    if changed then
      redis.call('HSET', KEYS[1], 'card', cjson.encode(card))
      filed_anew = field('s:download') and field('want') == 'all' and not field('verdict') and not field('alias')
      if filed_anew then redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle', 'n:analyze', 'tries:analyze') end
      redis.call('HINCRBY', KEYS[1], 'touched', 1)
      if not (field('verdict') and field('w') == field('v') and not field('s:page')) then redis.call('HINCRBY', KEYS[1], 'v', 1) end
    end
  end
  redis.call('HSET', KEYS[1], said, ARGV[10])
end
if not known then
  table.insert(lists, playlist)
  redis.call('HSET', KEYS[1], 'in', cjson.encode(lists))
  if new == 0 then
    if not (field('verdict') and field('w') == field('v') and not field('s:page')) then redis.call('HINCRBY', KEYS[1], 'v', 1) end
    redis.call('HDEL', KEYS[1], 's:analyze', 's:eagle')
    redis.call('HINCRBY', KEYS[1], 'touched', 1)
  end
end
if ARGV[5] == 'all' and field('want') == 'page' then
  redis.call('HSET', KEYS[1], 'want', 'all')
  redis.call('HINCRBY', KEYS[1], 'v', 1)
  redis.call('HINCRBY', KEYS[1], 'touched', 1)
end

local written = tonumber(field('w')) >= tonumber(field('v'))
local made = field('verdict') or field('alias') or (field('want') == 'page' and field('s:page'))
  or (field('s:download') and field('s:analyze') and field('s:eagle'))
local open = not (written and made)
for _, name in ipairs(lists) do
  if open then redis.call('SADD', KEYS[4] .. name, key) else redis.call('SREM', KEYS[4] .. name, key) end
end
if open then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if field('verdict') or field('alias') or field('s:page') then
    if not filed_anew then redis.call('ZADD', KEYS[2], 'NX', now, 'finalise|' .. key) end  -- else once, when it is filed
  elseif not redis.call('ZSCORE', KEYS[2], 'page|' .. key) then
    local turn = math.max(now, tonumber(redis.call('GET', KEYS[5]) or '0')) + tonumber(ARGV[9])
    redis.call('SET', KEYS[5], string.format('%.0f', turn), 'PX', math.ceil(turn - now) + 1)
    redis.call('ZADD', KEYS[2], turn, 'page|' .. key)
  end
  if field('want') == 'all' and not field('verdict') and not field('alias') then
    redis.call('ZADD', KEYS[2], 'NX', now, 'download|' .. key)
  end
end
return {new, open and 1 or 0, field('alias') or ''}
