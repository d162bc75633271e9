import { describe, expect, it } from 'vitest';
import { closest, editDistance } from './suggest.js';

describe('closest', () => {
  const keys = ['domain', 'domain_regex', 'policy', 'default_policy', 'require_number', 'same_site'];

  it.each([
    ['domin', 'domain'],
    ['domains', 'domain'],
    ['polciy', 'policy'],
    ['defaultPolicy', 'default_policy'],
    ['default-policy', 'default_policy'],
    ['require_numbers', 'require_number'],
    ['SameSite', 'same_site'],
  ])('takes %s for %s', (written, meant) => {
    expect(closest(written, keys)).toBe(meant);
  });

  it('does not guess where nothing is near', () => {
    expect(closest('telemetry', keys)).toBeUndefined();
    expect(closest('x', [])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it.each([
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xyz', 3],
  ])('between %s and %s is %d', (left, right, distance) => {
    expect(editDistance(left, right, 10)).toBe(distance);
  });

  it('gives the limit up where the limit is reached', () => {
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(2);
  });
});
