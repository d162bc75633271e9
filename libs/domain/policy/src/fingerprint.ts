import type { PolicySource } from './types.js';

/** Twelve hexadecimal digits that tell two sets of rules apart: for logs and reports, not against anybody who makes rules to collide. */
export function fingerprintOf({ defaultPolicy, rules, networks }: PolicySource): string {
  const text = JSON.stringify([defaultPolicy, rules, Object.entries(networks).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return `${hash(text, 0x811c9dc5)}${hash(text, 0x1b873593)}`.slice(0, 12);
}

/** FNV-1a, from a beginning of its own. */
function hash(text: string, seed: number): string {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
