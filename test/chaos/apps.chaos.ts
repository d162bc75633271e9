import { describeWith } from '../support/index.js';
import { scenario } from './site.js';

describeWith(['redis'], 'an app that dies', () => {
  for (const [id, instance] of [
    ['kill-gateway', 'verify-gateway-2'],
    ['kill-identity', 'identity'],
    ['kill-session', 'session'],
    ['kill-notifier', 'notifier'],
  ] as const)
    scenario(id, async (begin) => {
      const site = await begin();
      await site.breaks(() => site.portcullis.kill(instance), 3000);
      await site.mends(() => site.portcullis.start(instance));
      return site;
    });
});
