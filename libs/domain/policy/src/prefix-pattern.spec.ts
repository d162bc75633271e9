import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { matchesPrefixPattern, parsePrefixPattern } from './prefix-pattern.js';

const tails = ['', '.*', '$', '.*$', '/.*$', '(/.*)?$', '([/?].*)?$', '([?/].*)?$'];
const heads = ['^', '^/', '^/a', '^/a/b', '^/a\\.b', '^/a-b', '^/a\\-b'];
const texts = [
  '',
  '/',
  '/a',
  '/a/',
  '/a?',
  '/a?x',
  '/ab',
  '/a/b',
  '/a/b/c',
  '/a/b?c',
  '/a.b',
  '/axb',
  '/a-b/c',
  '/a/\n',
  '/a/b?\n',
  '/a\n',
  'x/a',
  '/A',
];

test.each(heads.flatMap((head) => tails.map((tail) => head + tail)))('%s is compared as the engine matches it', (pattern) => {
  const shape = parsePrefixPattern(pattern);
  const engine = RE2JS.compile(pattern);
  expect(shape).not.toBeNull();
  expect(texts.map((text) => shape !== null && matchesPrefixPattern(shape, text))).toEqual(texts.map((text) => engine.test(text)));
});

test.each([
  '/a',
  '(?i)^/a$',
  '^/a.b$',
  '^/a?$',
  '^/a+',
  '^/a*$',
  '^/a|b',
  '^/(a|b)$',
  '^/a[bc]',
  '^/\\d+$',
  '^/a(/.*)?',
  '^/a{2}',
  '^/(?P<User>a)$',
  '^/a\\b',
])('%s is left to the engine', (pattern) => {
  expect(parsePrefixPattern(pattern)).toBeNull();
});
