import { createHash } from 'node:crypto';

/** `transactions`: one at a time. `presence`: shared by every process that has the store open. */
const PURPOSES = { transactions: 0, presence: 1 } as const;

/** The two numbers of an advisory lock of the store in that schema; locks are the database's own, so that its name need not be in them. */
export function advisoryLock(purpose: keyof typeof PURPOSES, schema: string): readonly [number, number] {
  const digest = createHash('sha256').update(`portcullis:${schema}`).digest();
  return [digest.readInt32BE(0), (digest.readInt32BE(4) & ~1) | PURPOSES[purpose]];
}
