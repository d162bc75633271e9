/** Some nine hours with the usual backoff of two seconds. */
const MOST_ATTEMPTS = 15;
const SOONEST_MS = 5000;
const LATEST_MS = 60_000;

/** How many attempts begin within the life of a code or link (null: no end), each waiting twice as long as the one before. */
export function attemptsWithin(lifeMs: number | null, backoffMs: number): number {
  if (lifeMs === null) return MOST_ATTEMPTS;
  const attempts = Math.floor(Math.log2(Math.max(0, lifeMs) / backoffMs + 1)) + 1;
  return Math.min(attempts, MOST_ATTEMPTS);
}

/** When a row that is in the queue is to be added again, in case the queue has lost it: soon for one that somebody waits for, later for an old one. */
export function nextLookMs(createdAtMs: number, nowMs: number): number {
  return nowMs + Math.min(LATEST_MS, Math.max(SOONEST_MS, nowMs - createdAtMs));
}
