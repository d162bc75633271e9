import { addressBits, isInside } from './network.js';

/** Who may stand between client and gate; empty: nobody but the direct peer, whose last entry is the client. */
export type Hops = readonly string[];

/** The client's address, from the entries of X-Forwarded-For; null where an entry that counts is none. */
export function clientAddressOf(forwardedFor: string, hops: Hops): string | null {
  const entries = forwardedFor.split(',').map((entry) => entry.trim());
  for (const entry of entries.reverse()) {
    if (addressBits(entry) === null) return null;
    if (!hops.some((hop) => isInside(entry, hop))) return entry;
  }
  return entries.at(-1) ?? null;
}
