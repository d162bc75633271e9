import { afterAll, describe, expect, it } from 'vitest';
import { createDigests } from './create-digests.js';
import { decoyDigest, decoyLike } from './decoy.js';
import type { DigestOptions } from './digest-options.js';

const digests = createDigests({ slots: 2 });
afterAll(() => digests.close());

const OPTIONS: readonly DigestOptions[] = [
  { algorithm: 'argon2', variant: 'argon2id', iterations: 1, memoryKib: 64, parallelism: 2, keyLength: 32, saltLength: 16 },
  { algorithm: 'bcrypt', variant: 'standard', cost: 4 },
  { algorithm: 'bcrypt', variant: 'sha256', cost: 4 },
  { algorithm: 'pbkdf2', variant: 'sha512', iterations: 1000, saltLength: 16 },
  { algorithm: 'scrypt', variant: 'scrypt', iterations: 5, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
  { algorithm: 'sha2crypt', variant: 'sha512', iterations: 1000, saltLength: 16 },
];

/** All that its cost depends on: everything but the characters of salt and hash. */
const shapeOf = (digest: string, secrets: number): string =>
  digest
    .split('$')
    .map((field, at, fields) => (at >= fields.length - secrets ? field.length : field))
    .join('$');

describe.each(OPTIONS)('a decoy for $algorithm $variant', (options) => {
  const secrets = options.algorithm === 'bcrypt' && options.variant === 'standard' ? 1 : 2;

  it('has the shape of a real digest, by its options or by its likeness', async () => {
    const real = await digests.make(options, 'password');
    expect(shapeOf(decoyDigest(options), secrets)).toBe(shapeOf(real, secrets));
    expect(shapeOf(decoyLike(real), secrets)).toBe(shapeOf(real, secrets));
  });

  it('is another each time, shares no salt with what it is like, and opens to no password tried', async () => {
    const real = await digests.make(options, 'password');
    const decoys = [decoyDigest(options), decoyDigest(options), decoyLike(real), decoyLike(real)];
    expect(new Set([real, ...decoys].map((digest) => digest.slice(-60, -32))).size).toBe(5);
    for (const decoy of decoys) expect(await digests.verify(decoy, 'password')).toBe(false);
  });
});

it('a decoy cannot be like what is no digest', () => {
  expect(() => decoyLike('$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/')).toThrow(expect.objectContaining({ code: 'DIGESTS_UNSUPPORTED' }));
});
