/** Factors by the time they were given, null: not given. */
export interface Factors {
  readonly passwordAtMs: number | null;
  readonly totpAtMs: number | null;
}

/** 1: a password, 2: a password and a code. A code alone opens nothing. */
export function levelOf({ passwordAtMs, totpAtMs }: Factors): 0 | 1 | 2 {
  if (passwordAtMs === null) return 0;
  return totpAtMs === null ? 1 : 2;
}
