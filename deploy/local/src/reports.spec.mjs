import { describe, expect, it } from 'vitest';
import { mergeReports } from './reports.mjs';

describe('what several services say', () => {
  it('is printed once where it is the same', () => expect(mergeReports([['taken'], ['taken'], []])).toEqual(['taken']));

  it('is not printed where another says it and more', () => {
    expect(mergeReports([['a'], ['a', 'b'], ['c']])).toEqual(['a', 'b', 'c']);
  });
});
