import { createHmac, randomBytes } from 'node:crypto';
import bcryptjs from 'bcryptjs';
import { randomCrypt64 } from './base64.js';
import { bcryptInThread } from './bcrypt-threads.js';
import type { BcryptOptions } from './digest-options.js';
import { fieldsOf, parameterOf, unsupported, wholeNumber, type Recipe, type Stored } from './recipe.js';

const SALT_LENGTH = 22;
const HASH_LENGTH = 31;
/** What bcrypt reads of a password. */
const PASSWORD_BYTES = 72;

export function bcrypt({ variant, cost }: BcryptOptions): Recipe {
  return variant === 'standard' ? standard('2b', cost) : sha256(cost);
}

function standard(id: string, cost: number): Recipe {
  const setting = `$${id}$${String(cost).padStart(2, '0')}$`;
  return {
    newSalt,
    randomHash,
    hash: async (password, salt) => (await bcryptInThread(password, setting + salt)).slice(-HASH_LENGTH),
    write: (salt, hash) => setting + salt + hash,
    tellsApart: (password) => !password.includes('\0') && Buffer.byteLength(password) <= PASSWORD_BYTES,
  };
}

/** bcrypt over an HMAC of the password, which may so be of any length. @see passlib's bcrypt_sha256, version 2 */
function sha256(cost: number): Recipe {
  const inner = standard('2b', cost);
  return {
    newSalt,
    randomHash,
    hash(password, salt) {
      // The last character of a salt has bits that count for nothing: the key is the salt without them.
      const key = bcryptjs.encodeBase64(bcryptjs.decodeBase64(salt, 16), 16);
      return inner.hash(createHmac('sha256', key).update(password).digest('base64'), salt);
    },
    write: (salt, hash) => `$bcrypt-sha256$v=2,t=2b,r=${cost}$${salt}$${hash}`,
    tellsApart: () => true,
  };
}

/** `$2$` ends the password without a NUL. The others are one to a library that reads bytes as what they are. */
export function readBcrypt(text: string): Stored {
  const [id, cost, rest = ''] = fieldsOf(text, 3);
  if (!/^[./A-Za-z0-9]{53}$/.test(rest)) throw unsupported();
  return { recipe: standard(id === '2' ? '2' : '2b', wholeNumber(cost)), salt: rest.slice(0, SALT_LENGTH), hash: rest.slice(SALT_LENGTH) };
}

export function readBcryptSha256(text: string): Stored {
  const [, parameters, salt = '', hash = ''] = fieldsOf(text, 4);
  if (parameterOf(parameters, 'v') !== 2 || !/^[./A-Za-z0-9]{22}$/.test(salt) || hash.length !== HASH_LENGTH) throw unsupported();
  return { recipe: sha256(parameterOf(parameters, 'r')), salt, hash };
}

const newSalt = (): string => bcryptjs.encodeBase64(randomBytes(16), 16);
const randomHash = (): string => randomCrypt64(HASH_LENGTH);
