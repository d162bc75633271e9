import { expect } from 'vitest';
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

  scenario('rolling-restart', async (begin) => {
    const site = await begin({ elsewhere: true });
    for (const name of Object.keys(site.portcullis.processes)) await site.breaks(() => site.portcullis.restart(name), 1000);
    await site.mends(() => undefined);
    const { unavailable, signInsRefused, withoutAnswer } = site.traffic.tally;
    expect({ unavailable, signInsRefused, withoutAnswer }, site.traffic.refusals.join('\n')).toEqual({
      unavailable: 0,
      signInsRefused: 0,
      withoutAnswer: 0,
    });
    return site;
  });
});
