import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('parseDuration', () => {
  it.each([
    [90, 90 * SECOND],
    [1.5, 1500],
    [0, 0],
    [-1, -SECOND],
    ['', 0],
    ['90', 90 * SECOND],
    ['0', 0],
    ['-1', -SECOND],
    ['500ms', 500],
    ['1500us', 1.5],
    ['2µs', 0.002],
    ['5m', 5 * MINUTE],
    ['1M', 30 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1 hour and 30 minutes', 90 * MINUTE],
    ['1 day', DAY],
    ['2 days', 2 * DAY],
    ['1w2d', 9 * DAY],
    ['3 weeks', 21 * DAY],
    ['2 months', 60 * DAY],
    ['1y', 365 * DAY],
    ['2 years and 1 second', 730 * DAY + SECOND],
    ['10 milliseconds', 10],
    ['005m', 5 * MINUTE],
    ['1h00m', HOUR],
  ])('reads %j as %d ms', (written, ms) => {
    expect(parseDuration(written)).toEqual({ ok: true, value: ms });
  });

  it.each([
    '-5m',
    '- 5m',
    'x5m',
    '1h30',
    '5m!',
    '10x',
    'h1',
    'abc',
    '0s',
    '1.5h',
    '1H',
    '1 fortnight',
    '1constructor',
    '300y',
    true,
    null,
    [],
    {},
    Number.NaN,
    1e16,
  ])('refuses %j and says why', (written) => {
    const result = parseDuration(written);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.error.length > 10).toBe(true);
  });
});
