export interface Attempt {
  readonly atMs: number;
  readonly successful: boolean;
  /** Made while banned: neither counts nor extends. */
  readonly banned: boolean;
}

/** `regulation.max_retries | find_time | ban_time`. `maxRetries` 0: never bans. */
export interface BanRule {
  readonly maxRetries: number;
  readonly findTimeMs: number;
  readonly banTimeMs: number;
}

/**
 * Attempts of one account or one address, newest first: the ban they earn, or null. It ends `banTimeMs` after the newest failure.
 * A success ends the count, and so does whatever the caller leaves out, such as all that came before a ban was lifted.
 */
export function banAfter(attempts: readonly Attempt[], rule: BanRule, nowMs: number): { readonly untilMs: number } | null {
  const counted = attempts.filter(({ atMs, banned }) => !banned && atMs > nowMs - rule.findTimeMs).slice(0, rule.maxRetries);
  const [newest] = counted;
  if (newest === undefined || counted.length < rule.maxRetries || counted.some(({ successful }) => successful)) return null;
  return { untilMs: newest.atMs + rule.banTimeMs };
}

const TEN_MINUTES_MS = 600_000;

/** Ten wrong well-formed codes of a user in ten minutes; a right one clears them. The ban is never shorter than the time that is looked at. */
export function totpRule(banTimeMs: number): BanRule {
  return { maxRetries: 10, findTimeMs: TEN_MINUTES_MS, banTimeMs: Math.max(banTimeMs, TEN_MINUTES_MS) };
}

/**
 * Whether an automatic ban of the user leaves this address alone, given the user's attempts from here alone, newest first and
 * reaching back as far as an address stays known (weeks): the user signed in from here before and did not earn a ban from here.
 * So strangers who type wrong passwords cannot lock a person out where that person is at home.
 */
export function isSpared(attemptsFromHere: readonly Attempt[], rule: BanRule, nowMs: number): boolean {
  const bannedFromHere = attemptsFromHere.some(({ atMs }, index) => {
    const ban = banAfter(attemptsFromHere.slice(index), rule, atMs);
    return ban !== null && ban.untilMs > nowMs;
  });
  return !bannedFromHere && attemptsFromHere.some(({ successful }) => successful);
}
