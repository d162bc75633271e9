import { expect, it } from 'vitest';
import { sessionState, type SessionState } from './state.js';

const MINUTE = 60_000;
// Signed in at 0, for an hour, with five minutes of inactivity.
const EXPIRES = 60 * MINUTE;

it.each<[says: string, lastSeenMs: number, remembered: boolean, inactivityMs: number, nowMs: number, SessionState]>([
  ['lives at once', 0, false, 5 * MINUTE, 0, 'live'],
  ['lives up to its inactivity limit', 10 * MINUTE, false, 5 * MINUTE, 15 * MINUTE, 'live'],
  ['is idle a millisecond past its inactivity limit', 10 * MINUTE, false, 5 * MINUTE, 15 * MINUTE + 1, 'idle'],
  ['lives a millisecond before its expiry', EXPIRES - 1, false, 5 * MINUTE, EXPIRES - 1, 'live'],
  ['is expired at its expiry in spite of activity', EXPIRES - 1, false, 5 * MINUTE, EXPIRES, 'expired'],
  ['is expired rather than idle when it is both', 0, false, 5 * MINUTE, EXPIRES + MINUTE, 'expired'],
  ['has no inactivity limit when remembered', 0, true, 5 * MINUTE, EXPIRES - 1, 'live'],
  ['expires also when remembered', EXPIRES - 1, true, 5 * MINUTE, EXPIRES, 'expired'],
  ['has no inactivity limit where that is 0', 0, false, 0, EXPIRES - 1, 'live'],
  ['lives when the clock of who saw it last runs ahead', 20 * MINUTE, false, 5 * MINUTE, 10 * MINUTE, 'live'],
])('a session %s', (_, lastSeenMs, remembered, inactivityMs, nowMs, state) => {
  expect(sessionState({ expiresAtMs: EXPIRES, lastSeenMs, remembered }, { inactivityMs }, nowMs)).toBe(state);
});
