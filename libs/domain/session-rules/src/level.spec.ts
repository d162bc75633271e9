import { expect, it } from 'vitest';
import { levelOf } from './level.js';

it.each([
  ['no factor', null, null, 0],
  ['a password', 1, null, 1],
  ['a password and a code', 1, 2, 2],
  ['a code without a password', null, 2, 0],
])('a session with %s is at its level', (_, passwordAtMs, totpAtMs, level) => {
  expect(levelOf({ passwordAtMs, totpAtMs })).toBe(level);
});
