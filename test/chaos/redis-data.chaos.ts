import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, startRedis, startSentinels } from '../support/index.js';
import { CONFIGURATION, scenario, type SiteOptions } from './site.js';

const withRedis = (redis: object): SiteOptions => ({ redis: false, config: { ...CONFIGURATION, session: { ...CONFIGURATION.session, redis } } });

describeWith(['redis'], 'what Redis holds', () => {
  scenario('redis-full', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.redis.cli('CONFIG', 'SET', 'maxmemory', '1'), 5000);
    // Neither must depend on what a full Redis does not take.
    await site.portcullis.restart('verify-gateway-2');
    await site.portcullis.restart('session-2');
    await site.traffic.goOn(2000);
    await site.mends(() => site.redis.cli('CONFIG', 'SET', 'maxmemory', '0'));
    return site;
  });

  scenario('redis-restart', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.redis.restart(), 1000);
    await site.mends(() => undefined);
    return site;
  });

  scenario('redis-empty', async (begin) => {
    const site = await begin({ redis: await startRedis() });
    await site.breaks(() => site.redis.kill(), 1000);
    await site.mends(() => site.redis.restart());
    return site;
  });

  scenario('redis-restored', async (begin) => {
    const redis = await startRedis();
    const site = await begin({ redis });
    const [, dir] = (await redis.cli('CONFIG', 'GET', 'dir')) as readonly [string, string];
    await redis.cli('SAVE');
    cpSync(join(dir, 'dump.rdb'), join(dir, 'older.rdb'));
    // Meanwhile people sign in and out; what is restored knows of none of it.
    await site.traffic.goOn(5000);
    await site.breaks(async () => {
      await redis.kill();
      renameSync(join(dir, 'older.rdb'), join(dir, 'dump.rdb'));
    }, 1000);
    await site.mends(() => redis.restart());
    return site;
  });

  scenario('redis-failover', async (begin) => {
    const sentinels = await startSentinels({ args: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'] });
    const site = await begin({ ...withRedis(sentinels.settings), truth: sentinels.master });
    await site.mends(() => sentinels.first.kill());
    return site;
  });

  scenario('redis-isolated', async (begin) => {
    const users = ['near', 'far'].flatMap((name) => ['--user', name, 'on', '>password', '~*', '&*', '+@all']);
    const isolation = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'];
    const sentinels = await startSentinels({ args: [...isolation, ...users], downAfterMs: 5000 });
    const as = (name: string) => ({ PORTCULLIS_SESSION_REDIS_USERNAME: name, PORTCULLIS_SESSION_REDIS_PASSWORD: 'password' });
    const services = ['verify-gateway', 'identity', 'session', 'notifier'];
    const site = await begin({
      ...withRedis(sentinels.settings),
      truth: sentinels.master,
      envOf: Object.fromEntries(
        services.flatMap((service) => [
          [service, as('near')],
          [`${service}-2`, as('far')],
        ]),
      ),
    });
    await site.breaks(() => {
      sentinels.road.close(/sentinel-|REPLCONF|replconf|far/);
    }, 15_000);
    await site.mends(() => {
      sentinels.road.open();
    });
    return site;
  });
});
