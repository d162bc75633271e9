import { expect, it } from 'vitest';
import { adviceOf, problemsOf } from './check-server.js';

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

const told = { maxmemory_policy: 'noeviction', aof_enabled: '1' };
it.each([
  ['nothing of one that keeps its data', told, false, []],
  ['that it keeps nothing on disk', { ...told, aof_enabled: '0' }, false, ['REDIS_FORGETS']],
  ['what a managed one holds back', { redis_version: '7.2.0', aof_enabled: '1' }, false, ['REDIS_UNSEEN']],
  ['that nothing could be looked at', {}, true, ['REDIS_UNSEEN']],
  ['of min-replicas-to-write behind Sentinel', told, true, ['REDIS_NO_MIN_REPLICAS']],
  ['nothing more where that is set', { ...told, min_slaves_good_slaves: '2' }, true, []],
])('tells %s', (_what, fields, sentinel, expected) => {
  expect(adviceOf(new Map(Object.entries(fields)), sentinel).map(({ code }) => code)).toEqual(expected);
});
