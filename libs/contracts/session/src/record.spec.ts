import { expect, it } from 'vitest';
import { levelOf } from './record.js';

it.each([
  [null, null, 0],
  [1, null, 1],
  [1, 2, 2],
  // A possession factor alone never opens anything.
  [null, 2, 0],
])('gives password at %s and code at %s level %i', (passwordAtMs, totpAtMs, level) => {
  expect(levelOf({ passwordAtMs, totpAtMs })).toBe(level);
});
