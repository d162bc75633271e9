import { argon2, readArgon2 } from './argon2.js';
import { bcrypt, readBcrypt, readBcryptSha256 } from './bcrypt.js';
import type { DigestOptions } from './digest-options.js';
import { pbkdf2, readPbkdf2 } from './pbkdf2.js';
import { unsupported, type Recipe, type Stored } from './recipe.js';
import { readScrypt, scrypt } from './scrypt.js';
import { readSha2Crypt, sha2crypt } from './sha2crypt.js';

export function recipeOf(options: DigestOptions): Recipe {
  switch (options.algorithm) {
    case 'argon2':
      return argon2(options);
    case 'bcrypt':
      return bcrypt(options);
    case 'pbkdf2':
      return pbkdf2(options);
    case 'scrypt':
      return scrypt(options);
    case 'sha2crypt':
      return sha2crypt(options);
  }
}

/** By the identifier between the first two `$`. */
const READERS: ReadonlyMap<string, (text: string) => Stored> = new Map([
  ...(['argon2id', 'argon2i', 'argon2d'] as const).map((variant) => [variant, (text: string) => readArgon2(variant, text)] as const),
  ...['2', '2a', '2b', '2x', '2y'].map((id) => [id, readBcrypt] as const),
  ['bcrypt-sha256', readBcryptSha256] as const,
  ['pbkdf2', (text: string) => readPbkdf2('sha1', text)] as const,
  ...(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const).map((hash) => [`pbkdf2-${hash}`, (text: string) => readPbkdf2(hash, text)] as const),
  ['scrypt', readScrypt] as const,
  ['5', (text: string) => readSha2Crypt('sha256', text)] as const,
  ['6', (text: string) => readSha2Crypt('sha512', text)] as const,
]);

/** A digest, with or without `{CRYPT}` or `{ARGON2}` in front; DIGESTS_UNSUPPORTED where it is none of those above. */
export function readDigest(text: string): Stored {
  const bare = text.replace(/^\{(?:CRYPT|ARGON2)\}/, '');
  const read = READERS.get(bare.split('$', 2)[1] ?? '');
  if (read === undefined) throw unsupported();
  return read(bare);
}
