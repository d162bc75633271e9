import { expect, it } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { attacksPage, namedTests } from './page.js';

it('every attack that has a place has a test named after it, and every such test its attack', () => {
  const tests = namedTests();
  const named = new Set(tests.flatMap(({ ids }) => ids));
  expect(CATALOGUE.filter(({ id, waitsFor }) => waitsFor === undefined && !named.has(id)).map(({ id }) => id)).toEqual([]);
  const known = new Set(CATALOGUE.map(({ id }) => id));
  expect(tests.filter(({ ids }) => !ids.every((id) => known.has(id)))).toEqual([]);
  expect(known.size).toBe(CATALOGUE.length);
});

it('what is built is not called unbuilt', () => {
  const waiting = CATALOGUE.filter(({ waitsFor }) => waitsFor !== undefined).map(({ id }) => id);
  const tests = namedTests().filter(({ file }) => !file.endsWith('not-built.spec.ts'));
  expect(tests.filter(({ ids }) => ids.some((id) => waiting.includes(id)))).toEqual([]);
});

it('the page of the attacks is that of these tests', async () => {
  await expect(attacksPage()).toMatchFileSnapshot('../../docs/security/attacks.md');
});
