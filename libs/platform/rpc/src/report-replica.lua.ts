import { script } from '@portcullis/platform-redis';

/**
 * A replica says that it is alive and what it serves in one lane. Everything it writes goes by itself when the reports stop.
 *
 * KEYS 1 requests that wait in the lane (list), 2 the lane's bounds (hash), 3... replicas per operation (sorted sets)
 * ARGV 1 the replica's id, 2 how many may wait, 3 ms one may wait, 4 milliseconds after which a silent replica is dead
 * returns { Redis' time in ms, how many wait }
 */
export const reportReplica = script(
  'report-replica',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[2], 'maxWaiting', ARGV[2], 'maxWaitMs', ARGV[3])
redis.call('PEXPIRE', KEYS[2], 120000)
for i = 3, #KEYS do
  redis.call('ZADD', KEYS[i], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - ARGV[4])
  redis.call('PEXPIRE', KEYS[i], 120000)
end
return { now, redis.call('LLEN', KEYS[1]) }
`,
  { allowOom: true },
);
