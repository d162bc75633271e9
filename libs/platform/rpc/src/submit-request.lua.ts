import { script } from '@portcullis/platform-redis';

/**
 * Hands a request to whoever serves it, or says at once why not.
 *
 * KEYS 1 replicas that serve the operation (sorted set), 2 requests that wait in its lane (list), 3 the lane's bounds (hash), 4 the message (hash)
 * ARGV 1 message id, 2 pattern, 3 sender, 4 reply channel, 5 sealed payload, 6 milliseconds the requester will wait, 7 wake channel,
 *      8 prefix of message keys, 9 milliseconds after which a silent replica is dead
 * returns { verdict, Redis' time in ms, ms it may wait for a place }
 *      accepted; full: too many wait; no_replica: nobody listens; asked: nobody is known but somebody listens (after a FLUSHDB) and was asked to report
 */
export const submitRequest = script(
  'submit-request',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bounds = redis.call('HMGET', KEYS[3], 'maxWaiting', 'maxWaitMs')
local maxWaiting = tonumber(bounds[1] or 64)
local maxWaitMs = tonumber(bounds[2] or 3000)

if redis.call('ZCOUNT', KEYS[1], now - ARGV[9], '+inf') == 0 then
  local heard = redis.call('PUBLISH', ARGV[7], 'report')
  return { heard == 0 and 'no_replica' or 'asked', now, maxWaitMs }
end

if redis.call('LLEN', KEYS[2]) >= maxWaiting then
  for _, entry in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
    local id = string.match(entry, '^%S+')
    if not id or redis.call('EXISTS', ARGV[8] .. id) == 0 then redis.call('LREM', KEYS[2], 1, entry) end
  end
  if redis.call('LLEN', KEYS[2]) >= maxWaiting then return { 'full', now, maxWaitMs } end
end

if redis.call('PUBLISH', ARGV[7], 'work') == 0 then return { 'no_replica', now, maxWaitMs } end
redis.call('HSET', KEYS[4], 'sender', ARGV[3], 'reply', ARGV[4], 'sealed', ARGV[5], 'arrivedMs', now)
redis.call('PEXPIRE', KEYS[4], ARGV[6])
redis.call('RPUSH', KEYS[2], ARGV[1] .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[2], 120000)
return { 'accepted', now, maxWaitMs }
`,
  { allowOom: true },
);
