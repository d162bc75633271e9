import { randomBytes } from 'node:crypto';

/** Standard base64 without padding. @see the PHC string format */
export const phc64 = {
  encode: (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, ''),
  decode: (text: string): Buffer => Buffer.from(text, 'base64'),
};

/** The same with `.` for `+`: what pbkdf2 digests are written in. */
export const adapted64 = {
  encode: (bytes: Uint8Array): string => phc64.encode(bytes).replaceAll('+', '.'),
  decode: (text: string): Buffer => phc64.decode(text.replaceAll('.', '+')),
};

/** The alphabet of crypt(3), by value. */
export const CRYPT64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** So many random characters of crypt(3), each of 6 bits. */
export function randomCrypt64(length: number): string {
  return Array.from(randomBytes(length), (byte) => CRYPT64.charAt(byte & 63)).join('');
}
