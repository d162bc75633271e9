import { script } from '@portcullis/platform-redis';

/**
 * Takes back a request that nobody has taken yet.
 *
 * KEYS 1 requests that wait in its lane (list), 2 the message (hash), 3 replicas that serve the operation (sorted set)
 * ARGV 1 message id, 2 pattern, 3 milliseconds after which a silent replica is dead
 * returns still_waiting (taken back now), nobody (taken back, and no replica is alive), or taken (by a replica, or lost)
 */
export const withdrawRequest = script(
  'withdraw-request',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('LREM', KEYS[1], 1, ARGV[1] .. ' ' .. ARGV[2]) == 0 then return 'taken' end
redis.call('DEL', KEYS[2])
if redis.call('ZCOUNT', KEYS[3], now - ARGV[3], '+inf') == 0 then return 'nobody' end
return 'still_waiting'
`,
  { allowOom: true },
);
