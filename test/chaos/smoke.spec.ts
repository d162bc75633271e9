import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, root } from '../support/index.js';
import { FAULTS } from './faults.js';
import { scenario } from './site.js';

it('the page has a row for every fault, and nothing in it that must not be', () => {
  const rows = readFileSync(join(root, 'docs/resilience.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | '));
  expect(rows.slice(2).map(([fault]) => fault?.slice(2))).toEqual(FAULTS.map(({ fault }) => fault));
  for (const row of rows.slice(2))
    expect([row[2], row[3], row[4]?.split(' / ')[1], row[10]?.split(' / ').slice(1)]).toEqual(['0', '0', '0', ['0', '0']]);
});

// The rest is run by `npm run test:chaos`.
describeWith(['redis'], 'two of each', () => {
  scenario('kill-session', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.portcullis.kill('session'), 1000);
    await site.mends(() => site.portcullis.start('session'));
    return site;
  });

  scenario('redis-kill', async (begin) => {
    const site = await begin();
    await site.breaks(() => site.redis.kill(), 1000);
    await site.mends(() => site.redis.restart());
    return site;
  });
});
