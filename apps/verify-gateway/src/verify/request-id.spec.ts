import { expect, it } from 'vitest';
import { requestIdOf } from './request-id.js';

it.each(['0af7651916cd43dd8448eb211c80319c', '3f1a5c9e-0d1b-4c8e-9d0a-6f2b7c1d2e3f', 'abc_DEF-8', 'x'.repeat(64)])("%s is the proxy's own", (id) => {
  expect(requestIdOf(id)).toBe(id);
});

it.each([undefined, '', 'short', 'x'.repeat(65), 'with space', 'a"><script>', 'line\nbreak', 'a=b;c=d;e', 'ünïcödé-id'])(
  '%j is none: a new one is made',
  (id) => {
    expect(requestIdOf(id)).toMatch(/^[A-Za-z0-9_-]{16}$/);
  },
);
