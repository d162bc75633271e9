import { describe, expect, it } from 'vitest';
import { isRemembered, sessionLifetimeMs, touchIntervalMs } from './settings.js';

const HOUR = 3_600_000;
const ON = { expirationMs: HOUR, rememberMeMs: 720 * HOUR };
const OFF = { expirationMs: HOUR, rememberMeMs: null };

describe('remember me', () => {
  it.each([
    ['the box is ticked', true, ON, true],
    ['the box is not ticked', false, ON, false],
    ['it is switched off and the box is ticked', true, OFF, false],
  ])('when %s counts accordingly', (_, asked, settings, remembered) => {
    expect(isRemembered(asked, settings)).toBe(remembered);
  });
});

describe('a lifetime', () => {
  it.each([
    ['of a session that is not remembered is the expiration', false, ON, HOUR],
    ['of a remembered session is remember_me', true, ON, 720 * HOUR],
    ['is the expiration once remember me is switched off', true, OFF, HOUR],
  ])('%s', (_, remembered, settings, lifetimeMs) => {
    expect(sessionLifetimeMs(remembered, settings)).toBe(lifetimeMs);
  });
});

describe('last-seen of one session', () => {
  it.each([
    [0, 5000],
    [30_000, 5000],
    [100_000, 5000],
    [300_000, 15_000],
    [3_600_000, 180_000],
  ])('under an inactivity limit of %i ms is written at most every %i ms', (inactivityMs, intervalMs) => {
    expect(touchIntervalMs(inactivityMs)).toBe(intervalMs);
  });
});
