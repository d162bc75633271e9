import { expect, it } from 'vitest';
import { reachable } from './settings.mjs';

it.each([
  ['', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
  ['::1', '[::1]'],
  ['192.0.2.1', '192.0.2.1'],
])("a listener on '%s' is reached at %s", (host, address) => {
  expect(reachable(host)).toBe(address);
});
