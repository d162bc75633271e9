import { expect, test } from 'vitest';
import { otherReadings, parseQuery } from './query-matcher.js';

test.each([
  ['', {}],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a=1&a=2', { a: '1' }],
  ['a', { a: '' }],
  ['=x', { '': 'x' }],
  ['&&a=1&', { a: '1' }],
  ['a+b=c+d', { 'a b': 'c d' }],
  ['a%20b=c%2Bd', { 'a b': 'c+d' }],
  ['a=b=c', { a: 'b=c' }],
  ['a=1;b=2&c=3', { c: '3' }],
  ['a=%zz&b=1', { b: '1' }],
  ['a=%2&b=1', { b: '1' }],
  ['a=%2g&b=1', { b: '1' }],
  ['%zz=1&b=1', { b: '1' }],
  ['a=%C3%A9', { a: 'é' }],
  ['a=\xc3\xa9', { a: 'é' }],
  ['a=%ff%41', { a: '\uFFFDA' }],
  ['__proto__=1', Object.fromEntries([['__proto__', '1']])],
])('the query %j reads as Go reads it', (query, args) => {
  expect(Object.fromEntries(parseQuery(query))).toEqual(args);
});

test.each([
  ['a;b=1', [{ 'a;b': '1' }, { a: '', b: '1' }]],
  ['a=1;b=2&a=3', [{ a: '1;b=2' }, { a: '3' }, { a: '1', b: '2' }, { a: '3', b: '2' }]],
  ['a=1;', [{ a: '1;' }, { a: '1' }]],
  ['a=x%zz&b=%41', [{ a: 'x%zz', b: 'A' }]],
  ['%zz+a=%', [{ '%zz a': '%' }]],
  ['a=%zz;b', [{ a: '%zz;b' }, { a: '%zz', b: '' }]],
  ['a=1&a=2', [{ a: '2' }]],
  ['a=1&b=3&a=2&%61=4', [{ a: '4', b: '3' }]],
  ['a=1&a=2;', [{ a: '1' }, { a: '2;' }, { a: '1' }, { a: '2' }]],
])('the query %j reads in other ways elsewhere', (query, readings) => {
  expect(otherReadings(query).map((args) => Object.fromEntries(args))).toEqual(readings);
});

test.each(['', 'a=1&b=2', 'a=%3B', 'a=%25zz', 'a=1&a=1', 'a=1&b=2&', '&&=', 'a=\xc3\xa9'])('the query %j reads one way', (query) => {
  expect(otherReadings(query)).toEqual([]);
});
