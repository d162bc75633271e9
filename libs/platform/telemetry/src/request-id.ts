import { randomFillSync } from 'node:crypto';

const bytesPerId = 12;
const pool = Buffer.alloc(bytesPerId * 512);
let used = pool.length;

/** 16 URL-safe characters, 96 random bits; the random source is asked once in 512 ids. */
export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytesPerId;
  return pool.toString('base64url', used - bytesPerId, used);
}
