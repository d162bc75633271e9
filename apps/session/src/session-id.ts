import { hash, randomBytes } from 'node:crypto';

/** The bearer's proof: 256 random bits. Nothing of ours keeps it. */
export const newSessionId = (): string => randomBytes(32).toString('base64url');

/** The public name of a sign-in: it opens nothing. */
export const newHandle = (): string => randomBytes(12).toString('base64url');

/** All that Redis and the journal know of an id. */
export const hashOf = (id: string): string => hash('sha256', id, 'base64url');

const HASH = /^[\w-]{43}$/;
/** Other keys under the same prefix, such as a gateway's canary, are none of ours. */
export const isHash = (text: string): boolean => HASH.test(text);
