interface Difference {
  /** `other`: neither more nor less is granted, but the answer is another. */
  readonly kind: 'stricter' | 'other';
  readonly because: string;
}

/** Why an answer of ours is another one than the recorded. Each has its place (`<a id="…">`) in docs/migrating-from-authelia.md. */
export const REASONS = {
  'two-readings': { kind: 'stricter', because: 'the address can be read in two ways, or is none' },
  'portal-address': { kind: 'stricter', because: 'the portal named in the request is not the one that is configured' },
  'asking-with-options': { kind: 'stricter', because: 'a 200 to OPTIONS would read as "allow"' },
  'new-id': { kind: 'stricter', because: 'what a session may do has changed, so its id changes and the one before is dead' },
  'factor-for-factor': { kind: 'stricter', because: 'who has a second factor needs it to take it away' },
  'whole-cookie-cleared': { kind: 'other', because: 'the cookie that signs out has all attributes of the one that signed in' },
  'forbidden-target': { kind: 'other', because: 'nobody is sent to a site that will refuse them' },
  'empty-bodies': { kind: 'other', because: 'a body that no proxy reads' },
  'no-needless-cookie': { kind: 'other', because: 'a cookie is set where it changes, and only there' },
  'told-at-once': { kind: 'other', because: 'what somebody has is told from the first question on' },
  'used-already': { kind: 'other', because: 'who shows a right code twice is told to wait for the next, and not to look for a wrong digit' },
  'recovery-codes': { kind: 'other', because: 'the first device comes with recovery codes' },
} as const satisfies Readonly<Record<string, Difference>>;

export type Reason = keyof typeof REASONS;
export const isReason = (text: string): text is Reason => text in REASONS;
