import { expect, test } from 'vitest';
import { HostCache } from './host-cache.js';

const weightOfOne = () => 1;

test('a host is remembered', () => {
  const cache = new HostCache<string>(10, weightOfOne);
  cache.set('a', 'A');
  expect(cache.get('a')).toBe('A');
  expect(cache.get('b')).toBeUndefined();
});

test('any number of made-up hosts stays within the bound', () => {
  const cache = new HostCache<number>(10, weightOfOne);
  for (let i = 0; i < 1000; i++) cache.set(`made-up-${i}`, i);
  expect(cache.size).toBeLessThanOrEqual(10);
});

test('a host in use stays while made-up ones come and go', () => {
  const cache = new HostCache<string>(10, weightOfOne);
  cache.set('used', 'U');
  for (let i = 0; i < 1000; i++) {
    cache.set(`made-up-${i}`, 'x');
    expect(cache.get('used')).toBe('U');
  }
});

test('half the bound of hosts is remembered together', () => {
  const cache = new HostCache<string>(10, weightOfOne);
  for (let i = 0; i < 100; i++) cache.set(`earlier-${i}`, 'x');
  const hosts = ['a', 'b', 'c', 'd', 'e'];
  for (const host of hosts) cache.set(host, host);
  expect(hosts.map((host) => cache.get(host))).toEqual(hosts);
});

test('a heavy value takes the room of many', () => {
  const cache = new HostCache<number>(100, (value) => value);
  for (let i = 0; i < 10; i++) cache.set(`heavy-${i}`, 50);
  expect(cache.size).toBeLessThanOrEqual(2);
});
