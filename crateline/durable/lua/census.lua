-- Count some of a playlist: states and sealed stations, from the ledger itself.
-- KEYS: members, open set   ARGV: track prefix, first and last place
-- Answer: a flat list of name, count
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = {}
local function add(name) count[name] = (count[name] or 0) + 1 end
local wanted = {'verdict', 'alias', 's:page', 's:download', 's:analyze', 's:eagle', 'v', 'w', 'c:notion', 'c:download',
  'c:analyze', 'c:eagle', 'p:page', 'p:download', 'p:analyze', 'p:eagle', 'p:finalise'}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3])) do
  local f = redis.call('HMGET', ARGV[1] .. key, unpack(wanted))
  local open = redis.call('SISMEMBER', KEYS[2], key) == 1
  add('total')
  for i, station in ipairs({'page', 'download', 'analyze', 'eagle'}) do
    if f[2 + i] then add('station:' .. station) end
  end
  if not open then add('station:finalise') end
  local live, parked = false, false
  for i = 9, 12 do
    if f[i] and tonumber(string.match(f[i], '^%S+ (%d+)')) > now then live = true end
  end
  for i = 13, 17 do parked = parked or f[i] end
  if open then
    add('open')
    if live then add('busy') end
    if parked then add('parked') end
  end
  if f[1] then add(f[1]) elseif not open then add('done') elseif live then add('running') else add('waiting') end
end
local flat = {}
for name, n in pairs(count) do table.insert(flat, name) table.insert(flat, n) end
return flat
