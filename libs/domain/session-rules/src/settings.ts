/** Of one cookie domain: `session.cookies[].expiration | inactivity | remember_me`. `rememberMeMs` null: switched off. `inactivityMs` 0: no limit. */
export interface SessionSettings {
  readonly expirationMs: number;
  readonly inactivityMs: number;
  readonly rememberMeMs: number | null;
}

/** Whether a ticked box means anything under these settings. */
export function isRemembered(asked: boolean, settings: Pick<SessionSettings, 'rememberMeMs'>): boolean {
  return asked && settings.rememberMeMs !== null;
}

/** From sign-in to the end, whatever happens in between: activity prolongs nothing. */
export function sessionLifetimeMs(remembered: boolean, settings: Pick<SessionSettings, 'expirationMs' | 'rememberMeMs'>): number {
  return remembered && settings.rememberMeMs !== null ? settings.rememberMeMs : settings.expirationMs;
}

/** Least time between two writes of last-seen of one session: a twentieth of the inactivity limit, at least five seconds. */
export function touchIntervalMs(inactivityMs: number): number {
  return Math.max(5000, inactivityMs / 20);
}
