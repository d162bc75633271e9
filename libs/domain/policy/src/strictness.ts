import type { Policy } from './types.js';

const ranks: Readonly<Record<Policy, number>> = { bypass: 0, one_factor: 1, two_factor: 2, deny: 3 };

/** From 0, open to everybody, to 3, closed to everybody. */
export function strictnessOf(policy: Policy): number {
  return ranks[policy];
}
