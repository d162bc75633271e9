import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, root } from '../support/index.js';
import { startWorld } from '../integration/verify-facts/world.js';
import type { Outcome } from './compare.js';
import { report } from './report.js';
import { askRequests, startPortal } from './portal.js';
import { tellStories } from './portal-stories.js';
import { compareVerify } from './verify.js';

/** Kept for whoever runs `npm run test:conformance`. */
function keep(road: string, outcomes: readonly Outcome[]): void {
  mkdirSync(join(root, 'test-results'), { recursive: true });
  writeFileSync(join(root, 'test-results', `conformance-${road}.txt`), report(road, outcomes));
}

const unexcused = (outcomes: readonly Outcome[]) => outcomes.filter(({ kind }) => kind === 'looser' || kind === 'unexplained');

describeWith(['redis'], 'what an Authelia answered, held against ours', () => {
  it('verify: nothing is looser, and what is stricter is explained', async () => {
    const outcomes = await compareVerify(await startWorld());
    keep('verify', outcomes);
    expect(unexcused(outcomes)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(2100);
  });

  it('the portal: nothing is looser, and what is another answer is explained', async () => {
    const portal = await startPortal();
    try {
      await Promise.all([askRequests(portal), tellStories(portal)]);
    } finally {
      keep('portal', portal.outcomes);
    }
    expect(unexcused(portal.outcomes)).toEqual([]);
    expect(portal.missing()).toEqual([]);
  });
});
