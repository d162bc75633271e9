export interface Elevation {
  readonly untilMs: number;
  readonly ip: string;
}

/** Valid before `untilMs`, and only from the address it was given to: `ip` is canonical on both sides. */
export function isElevated(elevation: Elevation | null, ip: string, nowMs: number): boolean {
  return elevation !== null && nowMs < elevation.untilMs && elevation.ip === ip;
}
