import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { gauge, oneLook } from './gauge.js';

it('a number is read anew at each scrape, and NaN where it cannot be told', async () => {
  const registry = new Registry();
  const numbers = [7, null];
  gauge(registry, 'a_number', 'Of things.', () => Promise.resolve(numbers.shift() ?? null));
  expect(await registry.metrics()).toContain('# HELP a_number Of things.\n# TYPE a_number gauge\na_number 7\n');
  expect(await registry.metrics()).toContain('a_number Nan\n');
});

it('gauges of one scrape share a look, and the next scrape looks again, also behind one that failed', async () => {
  let looks = 0;
  const look = oneLook(() => Promise.resolve((looks += 1)).then((n) => (n === 2 ? Promise.reject(new Error('away')) : n)));
  expect(await Promise.all([look(), look()])).toEqual([1, 1]);
  expect((await Promise.allSettled([look(), look()])).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await look()).toBe(3);
});
