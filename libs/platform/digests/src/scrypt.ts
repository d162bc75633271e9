import { randomBytes, scrypt as deriveWithCallback, type ScryptOptions as Cost } from 'node:crypto';
import { promisify } from 'node:util';
import { phc64 } from './base64.js';
import type { ScryptOptions } from './digest-options.js';
import { fieldsOf, parameterOf, unsupported, type Recipe, type Stored } from './recipe.js';

const derive = promisify<string, Buffer, number, Cost, Buffer>(deriveWithCallback);

/** @see RFC 7914 */
export function scrypt({ iterations, blockSize, parallelism, keyLength, saltLength }: ScryptOptions): Recipe {
  const N = 2 ** iterations;
  // What it needs, and a little for the library's own bookkeeping: by default Node grants 32 MiB.
  const maxmem = 128 * blockSize * (N + parallelism + 2) + 65_536;
  return {
    newSalt: () => phc64.encode(randomBytes(saltLength)),
    randomHash: () => phc64.encode(randomBytes(keyLength)),
    hash: async (password, salt) => phc64.encode(await derive(password, phc64.decode(salt), keyLength, { N, r: blockSize, p: parallelism, maxmem })),
    write: (salt, hash) => `$scrypt$ln=${iterations},r=${blockSize},p=${parallelism}$${salt}$${hash}`,
    tellsApart: () => true,
  };
}

export function readScrypt(text: string): Stored {
  const [, parameters, salt = '', written = ''] = fieldsOf(text, 4);
  const hash = phc64.decode(written);
  if (hash.length === 0) throw unsupported();
  const recipe = scrypt({
    algorithm: 'scrypt',
    variant: 'scrypt',
    iterations: parameterOf(parameters, 'ln'),
    blockSize: parameterOf(parameters, 'r'),
    parallelism: parameterOf(parameters, 'p'),
    keyLength: hash.length,
    saltLength: phc64.decode(salt).length,
  });
  return { recipe, salt, hash: phc64.encode(hash) };
}
