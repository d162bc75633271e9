import type { SessionSettings } from './settings.js';

export interface SessionTimes {
  readonly expiresAtMs: number;
  /** The latest of: when the id was made, what this process saw, what `seen` holds. */
  readonly lastSeenMs: number;
  readonly remembered: boolean;
}

export type SessionState = 'live' | 'expired' | 'idle';

/**
 * A remembered session has no inactivity limit. `idle` is said for the `lastSeenMs` given: before ending, read `seen` once and ask
 * again with the later of the two, for another process may have seen the session since.
 */
export function sessionState(times: SessionTimes, settings: Pick<SessionSettings, 'inactivityMs'>, nowMs: number): SessionState {
  if (nowMs >= times.expiresAtMs) return 'expired';
  if (times.remembered || settings.inactivityMs <= 0) return 'live';
  return times.lastSeenMs + settings.inactivityMs < nowMs ? 'idle' : 'live';
}
