import { describe, expect, it } from 'vitest';
import { DIGEST_DEFAULTS, digestOptionProblems, type DigestOptions } from './digest-options.js';

const { argon2, bcrypt, pbkdf2, scrypt, sha2crypt } = DIGEST_DEFAULTS;

describe('options of new digests', () => {
  it.each(Object.values(DIGEST_DEFAULTS))('are within their bounds by default: $algorithm', (options) => {
    expect(digestOptionProblems(options)).toEqual([]);
  });

  it.each<[DigestOptions, string | null]>([
    [{ ...argon2, memoryKib: 32 }, null],
    [{ ...argon2, memoryKib: 31 }, "argon2: 'memory' is 31, but must be a whole number from 32 to 4194304"],
    [{ ...argon2, memoryKib: 7, parallelism: 1 }, "argon2: 'memory' is 7, but must be a whole number from 8 to 4194304"],
    [{ ...argon2, iterations: 0 }, "argon2: 'iterations' is 0, but must be a whole number from 1 to 4294967295"],
    [{ ...argon2, iterations: 2.5 }, "argon2: 'iterations' is 2.5, but must be a whole number from 1 to 4294967295"],
    [{ ...argon2, parallelism: 256 }, "argon2: 'parallelism' is 256, but must be a whole number from 1 to 255"],
    [{ ...argon2, keyLength: 3 }, "argon2: 'key_length' is 3, but must be a whole number from 4 to 1024"],
    [{ ...argon2, saltLength: 7 }, "argon2: 'salt_length' is 7, but must be a whole number from 8 to 1024"],
    [{ ...bcrypt, cost: 10 }, null],
    [{ ...bcrypt, cost: 9 }, "bcrypt: 'cost' is 9, but must be a whole number from 10 to 31"],
    [{ ...bcrypt, cost: 32 }, "bcrypt: 'cost' is 32, but must be a whole number from 10 to 31"],
    [{ ...pbkdf2, iterations: 99_999 }, "pbkdf2: 'iterations' is 99999, but must be a whole number from 100000 to 2147483647"],
    [{ ...pbkdf2, saltLength: 7 }, "pbkdf2: 'salt_length' is 7, but must be a whole number from 8 to 1024"],
    [{ ...scrypt, iterations: 22 }, null],
    [{ ...scrypt, iterations: 23 }, "scrypt: 'iterations' is 23, but must be a whole number from 1 to 22"],
    [{ ...scrypt, saltLength: 1025 }, "scrypt: 'salt_length' is 1025, but must be a whole number from 8 to 1024"],
    [{ ...sha2crypt, iterations: 999 }, "sha2crypt: 'iterations' is 999, but must be a whole number from 1000 to 999999999"],
    [{ ...sha2crypt, saltLength: 17 }, "sha2crypt: 'salt_length' is 17, but must be a whole number from 1 to 16"],
  ])('%o have their bounds', (options, problem) => {
    expect(digestOptionProblems(options)).toEqual(problem === null ? [] : [problem]);
  });

  it('are told all that is wrong at once', () => {
    expect(digestOptionProblems({ ...argon2, iterations: 0, keyLength: 0 })).toHaveLength(2);
  });
});
