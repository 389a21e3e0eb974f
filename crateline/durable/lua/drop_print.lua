-- Take a print out of the register. What the index holds of it stays, and leads nowhere.
-- KEYS: state of the register, prints, prints by the instant of their registration, keys by number   ARGV: key
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record then return 0 end
redis.call('HDEL', KEYS[4], struct.unpack('<I4', record))
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return 1
