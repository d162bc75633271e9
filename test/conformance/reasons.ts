/** Why an answer of ours is another one than the recorded. Each has its place (`<a id="…">`) in docs/migrating-from-authelia.md. */
export const REASONS = {
  'two-readings': 'the address can be read in two ways, or is none',
  'portal-address': 'the portal named in the request is not the one that is configured',
  'asking-with-options': 'a 200 to OPTIONS would read as "allow"',
} as const;

export type Reason = keyof typeof REASONS;
