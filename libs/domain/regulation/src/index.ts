/** From sign-in attempts to a ban and its end. */
export { banAfter, isSpared, totpRule, type Attempt, type BanRule } from './ban.js';
export { canonicalBanAddress } from './address.js';
