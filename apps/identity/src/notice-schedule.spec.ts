import { describe, expect, it } from 'vitest';
import { attemptsWithin, nextLookMs } from './notice-schedule.js';

describe('how often a delivery is tried', () => {
  it.each([
    // 2 + 4 + … + 128 s = 254 s
    [300_000, 8],
    [254_000, 8],
    [253_999, 7],
    [2000, 2],
    [1999, 1],
    [0, 1],
    [-5, 1],
    [1e12, 15],
  ])('within a life of %i ms: %i times', (lifeMs, attempts) => {
    expect(attemptsWithin(lifeMs, 2000)).toBe(attempts);
  });

  it('fifteen times where nothing expires', () => {
    expect(attemptsWithin(null, 2000)).toBe(15);
  });
});

it('a row that nobody acknowledges is added again soon at first, then less and less often', () => {
  expect(nextLookMs(1000, 1000)).toBe(6000);
  expect(nextLookMs(0, 20_000)).toBe(40_000);
  expect(nextLookMs(0, 3_600_000)).toBe(3_660_000);
  // A clock that was set back must not put it off.
  expect(nextLookMs(9_000_000, 0)).toBe(5000);
});
