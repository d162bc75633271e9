/** One way to reach Redis: single, Sentinel, TLS or unix socket; scripts; and one fault that says it is away. */
export { type Redis } from 'ioredis';
export { connectRedis, waitUntilReady } from './connect-redis.js';
export {
  type ConnectOptions,
  placeOf,
  type RedisAddress,
  type RedisEvent,
  type RedisRole,
  type RedisSettings,
  type RedisTls,
  type SentinelSettings,
} from './settings.js';
export { orUnavailable, RedisUnavailable } from './redis-unavailable.js';
export { redisTimeMs, runScript, runScriptBuffer, script, type Script, type ScriptArgument } from './script.js';
export { adviseOn, checkServer, type ServerAdvice, type ServerProblem } from './check-server.js';
