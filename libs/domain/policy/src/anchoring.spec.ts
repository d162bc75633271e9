import { expect, test } from 'vitest';
import { isTiedToEnd, isTiedToStart } from './anchoring.js';

test.each([
  ['^/a', true],
  ['\\A/a', true],
  ['(?i)^/a', true],
  ['^/a|^/b', true],
  ['(^/a|^/b)', true],
  ['(?:^/a|^/b)x', true],
  ['(?P<User>^/a)', true],
  ['^(/a|/b)$', true],
  ['^[|(]/a', true],
  ['/a', false],
  ['^/a|/b', false],
  ['(^/a|/b)', false],
  ['(^/a)?/b', false],
  ['(^/a)*', false],
  ['[^/]a', false],
  ['\\^/a', false],
  ['\\(^a', false],
  ['', false],
])('%s is tied to the beginning: %s', (pattern, isTied) => {
  expect(isTiedToStart(pattern)).toBe(isTied);
});

test.each([
  ['^/a$', true],
  ['^/a\\z', true],
  ['^/a([/?].*)?$', true],
  ['^/a(/|$)', true],
  ['^/a.*', true],
  ['^/a/', true],
  ['^/a/.+', true],
  ['^/a$|^/b$', true],
  ['^/a', false],
  ['^/a\\$', false],
  ['^/a(/.*)?', false],
  ['^/a$|^/b', false],
  ['^/(a|b)', false],
])('%s is tied to the end, or says that it is not: %s', (pattern, isTied) => {
  expect(isTiedToEnd(pattern)).toBe(isTied);
});
