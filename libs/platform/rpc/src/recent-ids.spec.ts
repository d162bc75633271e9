import { expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

it('knows an id again within the time it keeps, and forgets it after twice that', () => {
  const recent = new RecentIds(1000, 0);
  expect(recent.add('a', 10)).toBe(true);
  expect(recent.add('a', 11)).toBe(false);
  expect(recent.add('a', 1009)).toBe(false);
  expect(recent.add('b', 1500)).toBe(true);
  expect(recent.add('b', 2499)).toBe(false);
  expect(recent.add('a', 3000)).toBe(true);
});

it('an id from the end of one half is still known through the next', () => {
  const recent = new RecentIds(1000, 0);
  recent.add('a', 999);
  expect(recent.add('a', 1998)).toBe(false);
});

it('forgets everything after a long silence', () => {
  const recent = new RecentIds(1000, 0);
  recent.add('a', 999);
  expect(recent.add('a', 5000)).toBe(true);
});
