import { script } from '@portcullis/platform-redis';
import { REPLAYED } from './replayed.lua.js';

/**
 * Another record under the same key, only if nobody changed or ended it meanwhile; its life stays as long as it was.
 *
 * KEYS 1 session, 2 epoch (strings)
 * ARGV 1 sealed record as it was read, 2 the new one
 * returns refreshed, changed, gone or not_replayed
 */
export const refreshSession = script(
  'refresh-session',
  `${REPLAYED}
if not replayed(KEYS[2]) then return 'not_replayed' end
local sealed = redis.call('GET', KEYS[1])
if not sealed then return 'gone' end
if sealed ~= ARGV[1] then return 'changed' end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 'refreshed'
`,
  // A group taken from somebody must also reach them while Redis is full.
  { allowOom: true },
);
