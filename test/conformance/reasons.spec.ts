import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/index.js';
import { REASONS } from './reasons.js';

it('every reason to be stricter has its place in the page for people who come from Authelia', () => {
  const page = readFileSync(join(root, 'docs/migrating-from-authelia.md'), 'utf8');
  expect(Object.keys(REASONS).filter((reason) => !page.includes(`<a id="${reason}"></a>`))).toEqual([]);
});
