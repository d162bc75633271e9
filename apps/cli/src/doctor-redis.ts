import type { RedisConfiguration } from '@portcullis/contracts-configuration';
import { adviseOn, checkServer, connectRedis, placeOf, type Redis, redisTimeMs, waitUntilReady } from '@portcullis/platform-redis';
import { randomBytes } from 'node:crypto';
import { about, type Finding, messageOf } from './doctor-finding.js';
import { clockFinding } from './doctor-clock.js';

const CONNECT_MS = 2000;
const redisFindings = about('redis');

/** Reachable, new enough, keeping what it is given, with the rights of docs/redis.md, and at our time. */
export async function checkRedis(settings: RedisConfiguration | null): Promise<readonly Finding[]> {
  if (settings === null)
    return [redisFindings.problem('no session.redis is configured, and no private Redis runs', 'start the services: npm start -- --config FILE')];
  const redis = connectRedis(settings, { name: 'portcullis-doctor', role: 'commands' });
  try {
    await waitUntilReady(redis, CONNECT_MS);
    return [...(await lookAt(redis, settings)), await checkRights(redis, settings.keyPrefix), await clockOf(redis)];
  } catch (error) {
    return [unreachable(settings, error)];
  } finally {
    redis.disconnect();
  }
}

function unreachable(settings: RedisConfiguration, error: unknown): Finding {
  const reason = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
  const fix = /WRONGPASS|NOAUTH|AUTH/u.test(reason)
    ? 'correct session.redis.username and session.redis.password'
    : 'start Redis there, or correct session.redis';
  return redisFindings.problem(`${placeOf(settings)} cannot be used: ${reason}`, fix);
}

async function lookAt(redis: Redis, settings: RedisConfiguration): Promise<readonly Finding[]> {
  const problems = await checkServer(redis);
  if (problems.length > 0) return problems.map(({ message }) => redisFindings.problem(message, 'docs/redis.md says which Redis fits'));
  const info = await infoOf(redis);
  if (info === null) return [redisFindings.ok(`${placeOf(settings)} answers; what it is, our user may not ask (INFO)`)];
  const advice = (await adviseOn(redis, { sentinel: settings.sentinel !== undefined })).filter(({ code }) => code !== 'REDIS_FORGETS');
  return [
    redisFindings.ok(`Redis ${info['redis_version'] ?? ''} at ${placeOf(settings)} answers, and evicts nothing`),
    persistence(info),
    ...advice.map(({ message }) => redisFindings.warning(message, 'docs/redis.md says which Redis fits')),
  ];
}

type Info = Readonly<Record<string, string | undefined>>;

async function infoOf(redis: Redis): Promise<Info | null> {
  const text = await redis.info().catch(() => null);
  if (text === null) return null;
  return Object.fromEntries(text.split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/u, 2) as [string, string]] : [])));
}

function persistence(info: Info): Finding {
  const failing = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].find((field) => info[field] === 'err');
  if (failing !== undefined)
    return redisFindings.problem(`it cannot write its data to disk (${failing} is err)`, 'look at the space and the rights of its directory');
  return info['aof_enabled'] === '1'
    ? redisFindings.ok('it keeps sessions over a restart (appendonly yes)')
    : redisFindings.warning('after a restart of Redis everybody signs in again (appendonly no)', 'write `appendonly yes` into redis.conf');
}

/** What the command line itself needs; each service says in its own line whether it has what it needs. */
async function checkRights(redis: Redis, keyPrefix: string): Promise<Finding> {
  const key = `${keyPrefix}rpc:doctor:${randomBytes(8).toString('hex')}`;
  try {
    await redis.multi().rpush(key, '').pexpire(key, 1000).del(key).exec();
    return redisFindings.ok(`we may write below ${keyPrefix}rpc:`);
  } catch (error) {
    return redisFindings.problem(`we may not write below ${keyPrefix}rpc: (${messageOf(error)})`, 'give the user the rights of docs/redis.md');
  }
}

async function clockOf(redis: Redis): Promise<Finding> {
  const sentMs = Date.now();
  const timeMs = await redisTimeMs(redis);
  return clockFinding("Redis' clock", timeMs - (sentMs + Date.now()) / 2);
}
