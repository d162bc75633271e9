import { expect, it } from 'vitest';
import { isElevated } from './elevation.js';

it.each([
  ['holds before its end from its own address', { untilMs: 1000, ip: '192.0.2.1' }, '192.0.2.1', 999, true],
  ['is over at its end', { untilMs: 1000, ip: '192.0.2.1' }, '192.0.2.1', 1000, false],
  ['does not follow the session to another address', { untilMs: 1000, ip: '192.0.2.1' }, '192.0.2.2', 0, false],
  ['is absent until a code was entered', null, '192.0.2.1', 0, false],
])('an elevation %s', (_, elevation, ip, nowMs, elevated) => {
  expect(isElevated(elevation, ip, nowMs)).toBe(elevated);
});
