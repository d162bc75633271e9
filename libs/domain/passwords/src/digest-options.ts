import { scryptMemoryKib } from './digest-families.js';
import { MAX_MEMORY_KIB } from './limits.js';

/** How a new digest is made: `authentication_backend.file.password`. `iterations` of scrypt is the exponent `ln`. */
export type DigestOptions =
  | {
      readonly algorithm: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly iterations: number;
      readonly memoryKib: number;
      readonly parallelism: number;
      readonly keyLength: number;
      readonly saltLength: number;
    }
  | { readonly algorithm: 'bcrypt'; readonly variant: 'standard' | 'sha256'; readonly cost: number }
  | {
      readonly algorithm: 'pbkdf2';
      readonly variant: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
      readonly iterations: number;
      readonly saltLength: number;
    }
  | {
      readonly algorithm: 'scrypt';
      readonly variant: 'scrypt';
      readonly iterations: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly keyLength: number;
      readonly saltLength: number;
    }
  | { readonly algorithm: 'sha2crypt'; readonly variant: 'sha256' | 'sha512'; readonly iterations: number; readonly saltLength: number };

export type DigestAlgorithm = DigestOptions['algorithm'];

/** The defaults of each algorithm (reference 6.3). */
export const DIGEST_DEFAULTS: { readonly [A in DigestAlgorithm]: Extract<DigestOptions, { readonly algorithm: A }> } = {
  argon2: { algorithm: 'argon2', variant: 'argon2id', iterations: 3, memoryKib: 65536, parallelism: 4, keyLength: 32, saltLength: 16 },
  bcrypt: { algorithm: 'bcrypt', variant: 'standard', cost: 12 },
  pbkdf2: { algorithm: 'pbkdf2', variant: 'sha512', iterations: 310_000, saltLength: 16 },
  scrypt: { algorithm: 'scrypt', variant: 'scrypt', iterations: 16, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
  sha2crypt: { algorithm: 'sha2crypt', variant: 'sha512', iterations: 50_000, saltLength: 16 },
};

type Bound = readonly [key: string, value: number, least: number, most: number];

/**
 * What is out of bounds in `options` (reference 6.3, except that argon2 takes no salt below 8 bytes), by the configuration's keys,
 * a sentence each; empty: fine.
 */
export function digestOptionProblems(options: DigestOptions): readonly string[] {
  return boundsOf(options)
    .filter(([, value, least, most]) => !Number.isInteger(value) || value < least || value > most)
    .map(([key, value, least, most]) => `${options.algorithm}: '${key}' is ${value}, but must be a whole number from ${least} to ${most}`);
}

function boundsOf(options: DigestOptions): readonly Bound[] {
  switch (options.algorithm) {
    case 'argon2':
      return [
        ['iterations', options.iterations, 1, 2 ** 32 - 1],
        ['parallelism', options.parallelism, 1, 255],
        ['memory', options.memoryKib, Math.max(8, 8 * options.parallelism), MAX_MEMORY_KIB],
        ['key_length', options.keyLength, 4, 1024],
        ['salt_length', options.saltLength, 8, 1024],
      ];
    case 'bcrypt':
      return [['cost', options.cost, 10, 31]];
    case 'pbkdf2':
      return [
        ['iterations', options.iterations, 100_000, 2 ** 31 - 1],
        ['salt_length', options.saltLength, 8, 1024],
      ];
    case 'scrypt':
      return [
        ['iterations', options.iterations, 1, mostScryptIterations(options.blockSize)],
        ['block_size', options.blockSize, 1, 2 ** 20],
        ['parallelism', options.parallelism, 1, 2 ** 10],
        ['key_length', options.keyLength, 1, 1024],
        ['salt_length', options.saltLength, 8, 1024],
      ];
    case 'sha2crypt':
      return [
        ['iterations', options.iterations, 1000, 999_999_999],
        ['salt_length', options.saltLength, 1, 16],
      ];
  }
}

function mostScryptIterations(blockSize: number): number {
  let iterations = 58;
  while (iterations > 1 && scryptMemoryKib(iterations, blockSize) > MAX_MEMORY_KIB) iterations -= 1;
  return iterations;
}
