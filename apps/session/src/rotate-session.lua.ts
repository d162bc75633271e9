import { script } from '@portcullis/platform-redis';
import { REPLAYED } from './replayed.lua.js';

/**
 * The session under a new key, for as long as it had left, and only if nobody changed or ended it meanwhile.
 *
 * KEYS 1 session, 2 session under its new hash (strings), 3 the user's sessions (sorted set, score = expiry), 4 epoch (string)
 * ARGV 1 sealed record as it was read, 2 sealed record under the new key, 3 old hash, 4 new hash, 5 when it expires, ms
 * returns rotated, changed, gone or not_replayed
 */
export const rotateSession = script(
  'rotate-session',
  `${REPLAYED}
if not replayed(KEYS[4]) then return 'not_replayed' end
local sealed = redis.call('GET', KEYS[1])
if not sealed then return 'gone' end
if sealed ~= ARGV[1] then return 'changed' end
local leftMs = redis.call('PTTL', KEYS[1])
if leftMs <= 0 then return 'gone' end
redis.call('SET', KEYS[2], ARGV[2], 'PX', leftMs)
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4])
redis.call('ZREM', KEYS[3], ARGV[3])
if redis.call('PTTL', KEYS[3]) < leftMs then redis.call('PEXPIRE', KEYS[3], leftMs) end
return 'rotated'
`,
  // One key in the place of another of the same size.
  { allowOom: true },
);
