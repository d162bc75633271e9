import { Redis } from 'ioredis';
import { load, round } from '../measure.mjs';
import { verifyHead } from '../world.mjs';

const LIVE = [1000, 10_000, 100_000];
const IN_ROTATION = 10_000;
const AT_ONCE = 64;

const infoOf = async (redis, section, field) => Number(new RegExp(`${field}:(\\d+)`).exec(await redis.info(section))?.[1] ?? 0);
const readsOf = async (redis) => Number(/cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

/** Live sessions by the thousand: what they cost in Redis, and a verify when 10,000 people take turns, from an empty cache and from a full one. */
export async function sessions({ world, ms, add, keep, chart, tell }) {
  const redis = new Redis(world.socket);
  const wire = world.sessions();
  const before = await infoOf(redis, 'memory', 'used_memory');
  const keysBefore = await redis.dbsize();
  const cookies = [];
  const measured = { live: {} };
  const one = await load(world.port, verifyHead('app.example.com', (await world.signIn('user0')).cookie), world.pids, { ms });
  for (const live of LIVE) {
    tell(`  ${live} live sessions`);
    const startedAt = performance.now();
    const first = cookies.length;
    for (let i = first; i < live; i += AT_ONCE) {
      const made = await Promise.all(Array.from({ length: Math.min(AT_ONCE, live - i) }, (_, k) => wire.create(i + k)));
      cookies.push(...made.map(({ id }) => `authelia_session=${id}`));
    }
    const perSecond = Math.round((live - first) / ((performance.now() - startedAt) / 1000));
    const latest = await load(world.port, verifyHead('app.example.com', cookies.at(-1)), world.pids, { ms });
    measured.live[live] = {
      madePerSecond: perSecond,
      verifiesPerSecond: Math.round(latest.perSecond),
      ofOne: round(latest.perSecond / one.perSecond, 3),
    };
  }
  measured.redisBytesPerSession = Math.round(((await infoOf(redis, 'memory', 'used_memory')) - before) / cookies.length);
  measured.redisKeysPerSession = round(((await redis.dbsize()) - keysBefore) / cookies.length, 2);

  const heads = cookies.slice(0, IN_ROTATION).map((cookie) => verifyHead('app.example.com', cookie));
  const readsBefore = await readsOf(redis);
  // Long enough for each to come once on any machine; what the first round of all costs is in it.
  const cold = await load(world.port, heads, world.pids, { ms: 3000 });
  const reads = (await readsOf(redis)) - readsBefore;
  const warm = await load(world.port, heads, world.pids, { ms: 3000 });
  measured.rotation = {
    cookies: IN_ROTATION,
    redisReads: reads,
    coldPerSecond: Math.round(cold.perSecond),
    coldP99Ms: round(cold.p99Ms, 2),
    warmPerSecond: Math.round(warm.perSecond),
    warmP99Ms: round(warm.p99Ms, 2),
  };
  wire.close();
  redis.disconnect();
  for (const [live, { ofOne, verifiesPerSecond }] of Object.entries(measured.live))
    add(`verify with ${Number(live).toLocaleString('en')} live sessions, share of one`, `${ofOne} (${verifiesPerSecond} req/s)`, '');
  add('Redis per live session', `${measured.redisBytesPerSession} bytes, ${measured.redisKeysPerSession} keys`, '');
  const { rotation } = measured;
  add(
    '10,000 people taking turns: from an empty cache, then from a full one',
    `${rotation.coldPerSecond} then ${rotation.warmPerSecond} req/s; p99 ${rotation.coldP99Ms} then ${rotation.warmP99Ms} ms; ${rotation.redisReads} reads of Redis`,
    'one read each',
  );
  keep('sessions', measured);
  chart('sessions', {
    title: 'Verifies a second with so many live sessions',
    bars: [
      { label: '1', value: Math.round(one.perSecond) },
      ...Object.entries(measured.live).map(([live, { verifiesPerSecond }]) => ({
        label: Number(live).toLocaleString('en'),
        value: verifiesPerSecond,
      })),
      { label: '10,000 taking turns', value: rotation.warmPerSecond },
    ],
  });
}
