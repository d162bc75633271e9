import { script } from '@portcullis/platform-redis';

/**
 * Only DEL and ZREM, which a full Redis still allows.
 *
 * KEYS 1 session (string), 2 the user's sessions (sorted set)
 * ARGV 1 its hash
 * returns 1 if there was one, else 0
 */
export const endSession = script(
  'end-session',
  `
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
`,
);
