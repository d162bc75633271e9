import { expect, it } from 'vitest';
import { compare } from './compare.js';

const yes = (text: string) => ({ text, grants: true });
const no = (text: string) => ({ text, grants: false });

it('an answer with the same text is the same', () => {
  expect(compare('x', no('302'), no('302')).kind).toBe('same');
});

it('a grant where there was none is looser, and no reason excuses it', () => {
  expect(compare('x', no('401'), yes('200'), 'two-readings').kind).toBe('looser');
});

it('any other difference needs a reason', () => {
  expect(compare('x', yes('200 ada'), yes('200 bo')).kind).toBe('unexplained');
  expect(compare('x', yes('200'), no('400')).kind).toBe('unexplained');
  expect(compare('x', yes('200'), no('400'), 'two-readings').kind).toBe('stricter');
  expect(compare('x', no('401'), no('400'), 'two-readings').kind).toBe('stricter');
  expect(compare('x', yes('200 as text'), yes('200'), 'empty-bodies').kind).toBe('other');
});
