import type { Redis } from 'ioredis';
import { orUnavailable } from './redis-unavailable.js';

export interface ServerProblem {
  readonly code: 'REDIS_CLUSTER' | 'REDIS_EVICTS' | 'REDIS_TOO_OLD';
  readonly message: string;
}

/** What is worth a word, and keeps nobody from going on. */
export interface ServerAdvice {
  readonly code: 'REDIS_UNSEEN' | 'REDIS_NO_MIN_REPLICAS' | 'REDIS_FORGETS';
  readonly message: string;
}

/** What would make this Redis lose or misplace what is kept in it. Where INFO is forbidden: nothing is known, none is reported. */
export async function checkServer(redis: Redis): Promise<readonly ServerProblem[]> {
  return problemsOf(await fieldsOf(redis));
}

/** What the operator of this Redis should know, also of what could not be looked at. */
export async function adviseOn(redis: Redis, { sentinel }: { readonly sentinel: boolean }): Promise<readonly ServerAdvice[]> {
  return adviceOf(await fieldsOf(redis), sentinel);
}

/** None where INFO is forbidden. */
async function fieldsOf(redis: Redis): Promise<ReadonlyMap<string, string>> {
  try {
    return parseInfo(await redis.info());
  } catch (error) {
    if (error instanceof Error && /^(?:NOPERM|ERR unknown command)/.test(error.message)) return new Map();
    return orUnavailable(Promise.reject(error as Error));
  }
}

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

/** From the fields of INFO. ZADD with GT came with 6.2. */
export function problemsOf(info: ReadonlyMap<string, string>): readonly ServerProblem[] {
  const problems: ServerProblem[] = [];
  const version = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version !== '' && (major < 6 || (major === 6 && minor < 2)))
    problems.push({ code: 'REDIS_TOO_OLD', message: `this is Redis ${version}; 6.2 or later is needed (or Valkey)` });
  if (info.get('cluster_enabled') === '1' || info.get('redis_mode') === 'cluster')
    problems.push({
      code: 'REDIS_CLUSTER',
      message: 'this is a Redis Cluster; scripts over several keys need a single Redis, with Sentinel for failover',
    });
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (Number(info.get('maxmemory') ?? 0) > 0 && policy !== 'noeviction')
    problems.push({ code: 'REDIS_EVICTS', message: `maxmemory-policy is ${policy}: Redis would throw away sessions and requests; set noeviction` });
  return problems;
}

/** From the fields of INFO, which a managed Redis may hold back in part. CONFIG is never asked. */
export function adviceOf(info: ReadonlyMap<string, string>, sentinel: boolean): readonly ServerAdvice[] {
  const advice: ServerAdvice[] = [];
  const hidden = ['maxmemory_policy', 'aof_enabled'].filter((field) => !info.has(field));
  if (hidden.length > 0)
    advice.push({
      code: 'REDIS_UNSEEN',
      message: `Redis does not tell ${hidden.join(' and ')}: it must not evict (maxmemory-policy noeviction) and should keep its data (appendonly yes)`,
    });
  if (sentinel && info.size > 0 && !info.has('min_slaves_good_slaves'))
    advice.push({
      code: 'REDIS_NO_MIN_REPLICAS',
      message:
        'min-replicas-to-write is not set: a master cut off from the others would go on by what it holds; set min-replicas-to-write 1 and min-replicas-max-lag 3',
    });
  if (info.get('aof_enabled') === '0')
    advice.push({ code: 'REDIS_FORGETS', message: 'appendonly is off: after a restart of Redis people may have to sign in again' });
  return advice;
}
