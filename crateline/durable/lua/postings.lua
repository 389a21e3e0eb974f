-- Read many buckets of the index at once: one answer instead of a thousand.
-- KEYS: the index   ARGV: the buckets, 2 bytes each
-- Answer: for each bucket the length of what it holds (4 bytes each), then all that they hold
local lengths, held = {}, {}
for start = 1, #ARGV[1], 8000 do
  local fields = {}
  for i = start, math.min(start + 7998, #ARGV[1]), 2 do fields[#fields + 1] = string.sub(ARGV[1], i, i + 1) end
  for _, found in ipairs(redis.call('HMGET', KEYS[1], unpack(fields))) do
    found = found or ''
    lengths[#lengths + 1] = struct.pack('<I4', #found)
    held[#held + 1] = found
  end
end
return table.concat(lengths) .. table.concat(held)
