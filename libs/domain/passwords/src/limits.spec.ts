import { expect, it } from 'vitest';
import { isHashable, maxPasswordBytes } from './limits.js';

it.each([
  ['an empty password', '', false],
  ['a blank', ' ', true],
  ['a password with NUL', 'a\0b', true],
  ['4096 bytes', 'x'.repeat(4096), true],
  ['4097 bytes', 'x'.repeat(4097), false],
  ['4096 bytes in 2048 characters', 'é'.repeat(2048), true],
  ['4098 bytes in 2049 characters', 'é'.repeat(2049), false],
  ['a megabyte', 'x'.repeat(1_048_576), false],
])('whether %s is hashed is decided before hashing', (_, password, hashable) => {
  expect(isHashable(password)).toBe(hashable);
});

it.each([
  ['bcrypt', 'standard', 72],
  ['bcrypt', 'sha256', 4096],
  ['argon2', 'argon2id', 4096],
])('a %s %s digest tells passwords apart up to %i bytes', (algorithm, variant, bytes) => {
  expect(maxPasswordBytes({ algorithm, variant })).toBe(bytes);
});
