import { describe, expect, it } from 'vitest';
import { lineToType, searchDirs } from './parts.mjs';

describe('the line to type for a part that cannot be had', () => {
  it.each([
    ['brew', 'brew install valkey'],
    ['dnf', 'sudo dnf install valkey'],
    ['apt-get', 'sudo apt-get install redis-server redis-tools'],
  ])('with %s: %s', (manager, line) => {
    expect(lineToType('redis', (program) => program === manager)).toBe(line);
  });
});

it("servers are looked for where an ordinary user's PATH does not lead, after PATH", () => {
  const dirs = searchDirs({ PATH: '/home/ann/bin:/usr/bin' });
  expect(dirs.slice(0, 2)).toEqual(['/home/ann/bin', '/usr/bin']);
  expect(dirs).toContain('/usr/sbin');
});
