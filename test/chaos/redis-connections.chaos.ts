import { describeWith, startRedis, startRoad } from '../support/index.js';
import { CONFIGURATION, scenario } from './site.js';

const CHANNEL = /portcullis-gateway-invalidation/;

describeWith(['redis'], 'the connection that tells the gateway what changed', () => {
  for (const [id, act] of [
    ['channel-cut', 'close'],
    ['channel-half-open', 'hush'],
  ] as const)
    scenario(id, async (begin) => {
      const redis = await startRedis();
      const road = await startRoad(redis.port!);
      const config = { ...CONFIGURATION, session: { ...CONFIGURATION.session, redis: { host: '127.0.0.1', port: road.port } } };
      const site = await begin({ redis: false, truth: () => redis, config });
      await site.breaks(() => road[act](CHANNEL), 3000);
      await site.mends(() => {
        road.open();
      });
      return site;
    });
});
