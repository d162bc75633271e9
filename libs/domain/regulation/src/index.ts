/** From sign-in attempts to a ban and its end. */

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

/** Attempts of one account or one address, newest first: the ban they earn, or null. */
export declare function banAfter(attempts: readonly Attempt[], rule: BanRule, nowMs: number): { readonly untilMs: number } | null;
/** Ten wrong well-formed codes of a user in ten minutes; a right one clears them. */
export declare function totpRule(banTimeMs: number): BanRule;
/** The user's attempts from one address, newest first: does a ban earned elsewhere leave this address alone? (attack 30) */
export declare function isSpared(attemptsFromHere: readonly Attempt[], rule: BanRule, nowMs: number): boolean;
/** IPv4 as it is (also written as IPv6), IPv6 as its /64, as `2001:db8:1:2::/64`; null: not an address. */
export declare function canonicalBanAddress(ip: string): string | null;
