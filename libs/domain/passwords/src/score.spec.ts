import { beforeAll, expect, it } from 'vitest';
import { loadScore, type ScoreOf } from './score.js';

let scoreOf: ScoreOf;
beforeAll(async () => {
  scoreOf = await loadScore();
});

it.each([
  ['password', 0],
  ['p@ssw0rd', 0],
  ['qwertyuiop', 0],
  ['P4$$w0rd!', 1],
  ['$unsh1ne2024', 1],
  ['correct horse battery staple', 4],
  ['Nm9#kQ2!vXz7$Lp', 4],
])('%j scores %i', (password, score) => {
  expect(scoreOf(password)).toBe(score);
});

it('judges a long password by its first 32 characters', () => {
  expect(scoreOf('a'.repeat(31) + 'Nm9#kQ2!vXz7$Lp')).toBe(scoreOf('a'.repeat(31) + 'N'));
});
