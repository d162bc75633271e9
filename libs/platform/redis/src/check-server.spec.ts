import { expect, it } from 'vitest';
import { problemsOf } from './check-server.js';

const codes = (fields: Record<string, string>): readonly string[] => problemsOf(new Map(Object.entries(fields))).map(({ code }) => code);

it.each([
  [
    'a plain Redis 7',
    { redis_version: '7.0.15', redis_mode: 'standalone', cluster_enabled: '0', maxmemory: '0', maxmemory_policy: 'noeviction' },
    [],
  ],
  ['eviction that never happens, for want of a limit', { redis_version: '7.0.15', maxmemory: '0', maxmemory_policy: 'allkeys-lru' }, []],
  ['a limit without eviction', { redis_version: '7.0.15', maxmemory: '1000000', maxmemory_policy: 'noeviction' }, []],
  ['a limit with eviction', { redis_version: '7.0.15', maxmemory: '1000000', maxmemory_policy: 'volatile-ttl' }, ['REDIS_EVICTS']],
  ['a cluster', { redis_version: '7.0.15', cluster_enabled: '1' }, ['REDIS_CLUSTER']],
  ['Redis 6.0', { redis_version: '6.0.16' }, ['REDIS_TOO_OLD']],
  ['Redis 6.2', { redis_version: '6.2.14' }, []],
  ['a server that tells nothing', {}, []],
])('judges %s', (_what, fields, expected) => {
  expect(codes(fields)).toEqual(expected);
});
