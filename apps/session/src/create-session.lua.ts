import { script } from '@portcullis/platform-redis';

/**
 * KEYS 1 session (string), 2 the user's sessions (sorted set, score = expiry)
 * ARGV 1 sealed record, 2 ms it lives, 3 its hash, 4 when it expires, ms, 5 now, ms
 */
export const createSession = script(
  'create-session',
  `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
`,
);
