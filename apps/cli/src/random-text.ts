import { randomInt } from 'node:crypto';
import { misused } from './failure.js';

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();

/** `--random.charset` of reference 6.4. */
export const CHARSETS: Readonly<Record<string, string>> = {
  ascii: String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 33 + i)),
  alphanumeric: UPPER + LOWER + DIGITS,
  alphabetic: UPPER + LOWER,
  numeric: DIGITS,
  'numeric-hex': `${DIGITS}ABCDEF`,
  rfc3986: `${UPPER}${LOWER}${DIGITS}-._~`,
};

/** Uniform characters of a named set, or of `characters`. */
export function randomText(charset: string, characters: string | undefined, length: number): string {
  const from = characters ?? CHARSETS[charset];
  if (from === undefined) throw misused(`'${charset}' is not one of ${Object.keys(CHARSETS).join(', ')}.`);
  if (from.length < 2) throw misused('At least two characters to choose from are wanted.');
  if (!Number.isInteger(length) || length < 1 || length > 10_000) throw misused('The length is a number from 1 to 10000.');
  return Array.from({ length }, () => from.charAt(randomInt(from.length))).join('');
}
