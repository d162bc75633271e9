import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatGoTime } from './go-time.js';

describe('formatGoTime', () => {
  const date = new Date('2026-03-04T05:06:07.089Z');
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  describe('in UTC', () => {
    beforeEach(() => {
      vi.stubEnv('TZ', 'UTC');
    });

    it.each([
      ['2006-01-02T15:04:05Z07:00', '2026-03-04T05:06:07Z'],
      ['3:04:05PM on January 2 2006 (-07:00)', '5:06:07AM on March 4 2026 (+00:00)'],
      ['20060102', '20260304'],
      ['Mon Jan _2 15:04:05 2006', 'Wed Mar  4 05:06:07 2026'],
      ['Monday, 02-Jan-06 15:04:05 MST', 'Wednesday, 04-Mar-26 05:06:07 UTC'],
      ['15:04:05.000', '05:06:07.089'],
      ['1/2/06 3:4:5', '3/4/26 5:6:7'],
      ['no element', 'no element'],
    ])('prints %s as %s', (layout, expected) => {
      expect(formatGoTime(layout, date)).toBe(expected);
    });
  });

  it('prints the local offset east and west of Greenwich', () => {
    vi.stubEnv('TZ', 'America/St_Johns');
    expect(formatGoTime('2006-01-02T15:04:05Z07:00', new Date('2026-01-02T03:04:05Z'))).toBe('2026-01-01T23:34:05-03:30');
    vi.stubEnv('TZ', 'Europe/Berlin');
    expect(formatGoTime('15:04 -0700 Z07:00', new Date('2026-07-02T12:00:00Z'))).toBe('14:00 +0200 +02:00');
  });

  it('calls noon and midnight twelve', () => {
    vi.stubEnv('TZ', 'UTC');
    expect(formatGoTime('03 PM', new Date('2026-01-02T12:00:00Z'))).toBe('12 PM');
    expect(formatGoTime('3PM', new Date('2026-01-02T00:00:00Z'))).toBe('12AM');
  });
});
