/** When a session is live, idle, expired or elevated: values and a clock in, a state out. */

/** Of one cookie domain: `session.cookies[].expiration | inactivity | remember_me`. `rememberMeMs` null: switched off. `inactivityMs` 0: no limit. */
export interface SessionSettings {
  readonly expirationMs: number;
  readonly inactivityMs: number;
  readonly rememberMeMs: number | null;
}

export interface SessionTimes {
  readonly expiresAtMs: number;
  /** The latest of: when the id was made, what this process saw, what `seen` holds. */
  readonly lastSeenMs: number;
  readonly remembered: boolean;
}

export type SessionState = 'live' | 'expired' | 'idle';

export interface Elevation {
  readonly untilMs: number;
  readonly ip: string;
}

/** Factors by the time they were given, null: not given. */
export interface Factors {
  readonly passwordAtMs: number | null;
  readonly totpAtMs: number | null;
}

/** `idle` only says so for the `lastSeenMs` given: before ending, read `seen` once and ask again with the later of the two. */
export declare function sessionState(times: SessionTimes, settings: Pick<SessionSettings, 'inactivityMs'>, nowMs: number): SessionState;
/** Whether a ticked box means anything under these settings. */
export declare function isRemembered(asked: boolean, settings: SessionSettings): boolean;
/** From sign-in to the end, whatever happens in between. */
export declare function sessionLifetimeMs(remembered: boolean, settings: SessionSettings): number;
/** Least time between two writes of last-seen of one session. */
export declare function touchIntervalMs(inactivityMs: number): number;
/** Valid before `untilMs` and only from the address it was given to. */
export declare function isElevated(elevation: Elevation | null, ip: string, nowMs: number): boolean;
export declare function levelOf(factors: Factors): 0 | 1 | 2;
