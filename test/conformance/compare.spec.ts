import { expect, it } from 'vitest';
import { compare } from './compare.js';

const grants = (answer: object): boolean => 'status' in answer && answer.status === 200;
const kindOf = (recorded: object, ours: object, reason?: 'two-readings') => compare({ title: 'x', recorded, ours, grants, reason }).kind;

it('an answer with the same fields is the same, whatever their order', () => {
  expect(kindOf({ status: 302, location: 'https://a/' }, { location: 'https://a/', status: 302 })).toBe('same');
});

it('a grant where there was none is looser, and no reason excuses it', () => {
  expect(kindOf({ status: 401 }, { status: 200 }, 'two-readings')).toBe('looser');
});

it('another grant, for instance to somebody else, is never excused', () => {
  expect(kindOf({ status: 200, remote: 'ada' }, { status: 200, remote: 'bo' }, 'two-readings')).toBe('unexplained');
});

it('a refusal where there was a grant, or of another kind, needs a reason', () => {
  expect(kindOf({ status: 200 }, { status: 400 }, 'two-readings')).toBe('stricter');
  expect(kindOf({ status: 401 }, { status: 400 }, 'two-readings')).toBe('stricter');
  expect(kindOf({ status: 200 }, { status: 400 })).toBe('unexplained');
});
