import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

/** HKDF-SHA256 without a salt; `info` keeps the uses of one secret apart. @see RFC 5869 */
export function expand(secret: string, info: string, lengthBytes: number): Buffer {
  if (secret === '') throw new TypeError(`the secret of ${info} is empty`);
  return Buffer.from(hkdfSync('sha256', secret, '', info, lengthBytes));
}

/** A secret of its own for one purpose, 256 bits as base64url: the holder of it learns nothing about `secret` or its other uses. */
export function deriveSecret(secret: string, purpose: string): string {
  return expand(secret, `portcullis-secret:${purpose}:v1`, 32).toString('base64url');
}

/** HMAC-SHA256 as base64url (43 characters) under a key derived from `secret` for this purpose alone. */
export function keyedHash(secret: string, purpose: string): (data: string) => string {
  const key = createSecretKey(expand(secret, `portcullis-hash:${purpose}:v1`, 32));
  return (data) => createHmac('sha256', key).update(data).digest('base64url');
}
