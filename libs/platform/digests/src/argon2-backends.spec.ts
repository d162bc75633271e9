import { describe, expect, it } from 'vitest';
import { loadReference, loadRust } from './argon2-backends.js';
import type { Argon2Options } from './digest-options.js';

const COSTS = { algorithm: 'argon2', iterations: 3, memoryKib: 32, parallelism: 4, keyLength: 32, saltLength: 16 } as const;

/** Made with argon2-cffi 25.1, salt `somesaltsomesalt`. */
const KNOWN: readonly (readonly [Argon2Options['variant'], string])[] = [
  ['argon2d', 'f2ad568f21ca9cbb326021e9a22ca8864c12b813a8f45fdab5fd8f46f0b8efec'],
  ['argon2i', '3f5d210a9085135242ed11e0e722fd4a71fb7b72a31d71724ac9001f9565366a'],
  ['argon2id', '163ea7ac6dad8091125540f0c62f32ad7f6cb82835dfcb506bafbf8c63c97424'],
];

describe.each([
  ['Rust', loadRust],
  ['reference', loadReference],
])('the %s implementation of argon2', (_, load) => {
  it.each(KNOWN)('computes %s', async (variant, hash) => {
    const hashArgon2 = await load();
    expect((await hashArgon2({ ...COSTS, variant }, 'pässwörd', Buffer.from('somesaltsomesalt'))).toString('hex')).toBe(hash);
  });
});
