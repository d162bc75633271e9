import type { Redis } from 'ioredis';
import { orUnavailable } from './redis-unavailable.js';

export interface ServerProblem {
  readonly code: 'REDIS_CLUSTER' | 'REDIS_EVICTS' | 'REDIS_TOO_OLD';
  readonly message: string;
}

/** What would make this Redis lose or misplace what is kept in it. Where INFO is forbidden: nothing is known, none is reported. */
export async function checkServer(redis: Redis): Promise<readonly ServerProblem[]> {
  try {
    return problemsOf(parseInfo(await redis.info()));
  } catch (error) {
    if (error instanceof Error && /^(?:NOPERM|ERR unknown command)/.test(error.message)) return [];
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
