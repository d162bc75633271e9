import { pbkdf2 as deriveWithCallback, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { adapted64 } from './base64.js';
import type { Pbkdf2Options } from './digest-options.js';
import { fieldsOf, unsupported, wholeNumber, type Recipe, type Stored } from './recipe.js';

const derive = promisify(deriveWithCallback);
const HASH_BYTES = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** @see RFC 8018; the hash is as long as that of its function unless a stored one says otherwise. */
export function pbkdf2({ variant, iterations, saltLength }: Pbkdf2Options, hashLength: number = HASH_BYTES[variant]): Recipe {
  return {
    newSalt: () => adapted64.encode(randomBytes(saltLength)),
    randomHash: () => adapted64.encode(randomBytes(hashLength)),
    hash: async (password, salt) => adapted64.encode(await derive(password, adapted64.decode(salt), iterations, hashLength, variant)),
    write: (salt, hash) => `$pbkdf2${variant === 'sha1' ? '' : `-${variant}`}$${iterations}$${salt}$${hash}`,
    tellsApart: () => true,
  };
}

export function readPbkdf2(variant: Pbkdf2Options['variant'], text: string): Stored {
  const [, iterations, salt = '', written = ''] = fieldsOf(text, 4);
  const hash = adapted64.decode(written);
  if (hash.length === 0) throw unsupported();
  const options = { algorithm: 'pbkdf2', variant, iterations: wholeNumber(iterations), saltLength: adapted64.decode(salt).length } as const;
  return { recipe: pbkdf2(options, hash.length), salt, hash: adapted64.encode(hash) };
}
