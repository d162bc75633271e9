import { script } from '@portcullis/platform-redis';

/**
 * Gives a replica what it has places for, oldest first: each request to one replica, once. What is past its deadline is gone by itself.
 *
 * KEYS 1 requests that wait in the lane (list)
 * ARGV 1 how many at most, 2 the operations this replica serves, between spaces, 3 ms a request may wait for a place, 4 prefix of message keys,
 *      5 prefix of claim keys, 6 ms a claim is kept (longer than any replica accepts a message), 7 the replica's id
 * returns { Redis' time in ms, { verdict, message id, pattern, sender, reply channel, sealed payload, ms left }... }
 *      verdict: work; late: waited too long; replayed: taken before
 */
export const takeRequests = script(
  'take-requests',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = { now }

for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if #taken > tonumber(ARGV[1]) then break end
  local id, pattern = string.match(entry, '^(%S+) (%S+)$')
  if not id then
    redis.call('LREM', KEYS[1], 1, entry)
  elseif string.find(ARGV[2], ' ' .. pattern .. ' ', 1, true) then
    redis.call('LREM', KEYS[1], 1, entry)
    local key = ARGV[4] .. id
    local message = redis.call('HMGET', key, 'sender', 'reply', 'sealed', 'arrivedMs')
    local leftMs = redis.call('PTTL', key)
    redis.call('DEL', key)
    if message[1] and message[2] and message[3] and leftMs > 0 then
      local verdict = 'work'
      if now - (tonumber(message[4]) or 0) > tonumber(ARGV[3]) then verdict = 'late' end
      if not redis.call('SET', ARGV[5] .. id, ARGV[7], 'NX', 'PX', ARGV[6]) then verdict = 'replayed' end
      taken[#taken + 1] = { verdict, id, pattern, message[1], message[2], message[3], leftMs }
    end
  end
end
return taken
`,
  { allowOom: true },
);
