import { randomBytes } from 'node:crypto';
import { type HashArgon2, loadChecker, loadMaker } from './argon2-backends.js';
import { phc64 } from './base64.js';
import type { Argon2Options } from './digest-options.js';
import { fieldsOf, parameterOf, unsupported, type Recipe, type Stored } from './recipe.js';

const VERSION = 'v=19';

/** @see RFC 9106; the text is the one of its reference implementation, in that order of parameters. */
export function argon2(options: Argon2Options, load: () => Promise<HashArgon2> = loadMaker): Recipe {
  const { variant, memoryKib, iterations, parallelism, keyLength, saltLength } = options;
  return {
    newSalt: () => phc64.encode(randomBytes(saltLength)),
    randomHash: () => phc64.encode(randomBytes(keyLength)),
    async hash(password, salt) {
      const hash = await load();
      return phc64.encode(await hash(options, password, phc64.decode(salt)));
    },
    write: (salt, hash) => `$${variant}$${VERSION}$m=${memoryKib},t=${iterations},p=${parallelism}$${salt}$${hash}`,
    tellsApart: () => true,
  };
}

export function readArgon2(variant: Argon2Options['variant'], text: string): Stored {
  const [, version, parameters, salt = '', written = ''] = fieldsOf(text, 5);
  const [saltBytes, hashBytes] = [phc64.decode(salt), phc64.decode(written)];
  if (version !== VERSION || saltBytes.length < 8 || hashBytes.length < 4) throw unsupported();
  const options = {
    algorithm: 'argon2',
    variant,
    memoryKib: parameterOf(parameters, 'm'),
    iterations: parameterOf(parameters, 't'),
    parallelism: parameterOf(parameters, 'p'),
    keyLength: hashBytes.length,
    saltLength: saltBytes.length,
  } as const;
  const recipe = argon2(options, loadChecker);
  return { recipe, salt, hash: phc64.encode(hashBytes) };
}
