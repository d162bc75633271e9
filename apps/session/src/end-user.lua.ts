import { script } from '@portcullis/platform-redis';

/**
 * Every session of a user at one moment, so that none slips through under a new id. Only DEL and ZREM, which a full Redis still allows.
 *
 * KEYS 1 the user's sessions (sorted set)
 * ARGV 1 prefix of session keys, 2 hash of the one that stays, or empty
 * returns how many there were
 */
export const endUser = script(
  'end-user',
  `
local ended = 0
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if hash ~= ARGV[2] then
    ended = ended + redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
return ended
`,
);
