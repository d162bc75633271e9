import { describeWith, startRedis, startRoad } from '../support/index.js';
import { CONFIGURATION, scenario } from './site.js';

describeWith(['redis'], 'Redis', () => {
  scenario('redis-kill', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.redis.kill(), 3000);
    await site.mends(() => site.redis.restart());
    return site;
  });

  scenario('redis-kill-cached', async (begin) => {
    const site = await begin({ overlay: { session: { redis_outage: 'serve_cached' } } });
    await site.breaks(() => site.redis.kill(), 5000);
    await site.mends(() => site.redis.restart());
    return site;
  });

  scenario('redis-stop', async (begin) => {
    const site = await begin();
    await site.breaks(() => {
      site.redis.pause();
    }, 10_000);
    await site.mends(() => {
      site.redis.resume();
    });
    return site;
  });

  scenario('redis-slow', async (begin) => {
    const redis = await startRedis();
    const road = await startRoad(redis.port!);
    const config = { ...CONFIGURATION, session: { ...CONFIGURATION.session, redis: { host: '127.0.0.1', port: road.port } } };
    const site = await begin({ redis: false, truth: () => redis, config });
    await site.breaks(() => {
      road.delayMs = 100;
    }, 5000);
    await site.mends(() => {
      road.delayMs = 0;
    });
    return site;
  });

  scenario('redis-flush', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.redis.flushall(), 3000);
    await site.mends(() => undefined);
    return site;
  });
});
