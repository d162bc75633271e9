import { FAMILIES, type Digest } from './digest-families.js';

/** Families by their identifier that are refused by name, with the reason. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['y', 'a yescrypt digest, which cannot be checked here'],
  ['gy', 'a gost-yescrypt digest, which cannot be checked here'],
  ['7', 'an scrypt digest in the form of crypt(3), which cannot be checked here'],
  ['1', 'an MD5-crypt digest, which is too weak'],
  ['apr1', "a digest of Apache's MD5, which is too weak"],
  ['sha1', 'a SHA1-crypt digest, which is too weak'],
  ['md5', 'a Sun MD5 digest, which is too weak'],
  ['3', 'an NT hash, which is too weak'],
  ['plaintext', 'a password in plain text'],
  ['base64', 'a password in plain text'],
]);

/** What a directory writes in front of its own kinds, by name. */
const WRAPPED: ReadonlyMap<string, string> = new Map([
  ['SSHA', 'an SSHA digest of a directory'],
  ['SHA', 'an unsalted SHA digest of a directory'],
  ['SMD5', 'a salted MD5 digest of a directory'],
  ['MD5', 'an unsalted MD5 digest of a directory'],
  ['NT', 'an NT hash of a directory'],
]);

/** The digest in `text`, or null: describeDigestProblem says why. */
export function parseDigest(text: string): Digest | null {
  const read = readDigest(text);
  return typeof read === 'string' ? null : read;
}

/** What `text` is instead of a digest that can be checked, to be read after "the password of … is". Never repeats the text. */
export function describeDigestProblem(text: string): string {
  const read = readDigest(text);
  return typeof read === 'string' ? read : 'a digest that can be checked';
}

function readDigest(text: string): Digest | string {
  // What a directory writes in front of a digest.
  const bare = text.replace(/^\{(?:CRYPT|ARGON2)\}/, '');
  const [, id = '', rest = ''] = /^\$([^$]+)\$(.*)$/s.exec(bare) ?? [];
  const family = FAMILIES.get(id);
  if (family === undefined) return REFUSED.get(id) ?? strangeProblem(bare);
  return family.read(rest, bare) ?? malformedProblem(family.name, bare);
}

function strangeProblem(text: string): string {
  if (text === '') return 'empty';
  if (text !== text.trim()) return 'a text with blanks around it';
  if (text.startsWith('$$')) return 'a text with every $ doubled, as one writes it in a Compose file; here each $ is written once';
  const [, wrapper] = /^\{([A-Z0-9.-]+)\}/i.exec(text) ?? [];
  if (wrapper !== undefined) return wrappedProblem(wrapper.toUpperCase());
  if (text.startsWith('$')) return 'a digest of a family that is not known';
  if (/^_[./A-Za-z0-9]{19}$/.test(text)) return 'an extended DES digest, which is too weak';
  if (/^[./A-Za-z0-9]{13}$/.test(text)) return 'a password in plain text or a DES digest; neither is accepted';
  return 'not a digest; a password in plain text is not accepted';
}

function wrappedProblem(wrapper: string): string {
  const named = WRAPPED.get(wrapper);
  if (named !== undefined) return `${named}, which is too weak`;
  return `a digest in the form of a directory ({${wrapper}}) that is not known; only {CRYPT} and {ARGON2} are`;
}

function malformedProblem(name: string, text: string): string {
  if (text !== text.trim()) return `${name} digest with blanks around it`;
  const words = /_|\.\.\.|[<>\s]|hash|salt|your|password|change|example/i;
  if (words.test(text.slice(text.lastIndexOf('$')))) return `a placeholder where the salt and the hash of ${name} digest belong`;
  return `${name} digest that is cut short or altered`;
}
