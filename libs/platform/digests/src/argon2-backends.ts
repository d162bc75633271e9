import type { Argon2Options } from './digest-options.js';

/** The raw hash of `password`, computed off the event loop. */
export type HashArgon2 = (options: Argon2Options, password: string, salt: Buffer) => Promise<Buffer>;

// The numbers that both packages have for the variants (RFC 9106 section 3.1).
const TYPE = { argon2d: 0, argon2i: 1, argon2id: 2 } as const;

export async function loadRust(): Promise<HashArgon2> {
  const { hashRaw } = await import('@node-rs/argon2');
  return (options, password, salt) =>
    hashRaw(password, {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- an ambient const enum has no members to name in an isolated module
      algorithm: TYPE[options.variant],
      timeCost: options.iterations,
      memoryCost: options.memoryKib,
      parallelism: options.parallelism,
      outputLen: options.keyLength,
      salt,
    });
}

export async function loadReference(): Promise<HashArgon2> {
  const { hash } = await import('argon2');
  return (options, password, salt) =>
    hash(password, {
      raw: true,
      type: TYPE[options.variant],
      version: 0x13,
      timeCost: options.iterations,
      memoryCost: options.memoryKib,
      parallelism: options.parallelism,
      hashLength: options.keyLength,
      salt,
    });
}

let maker: Promise<HashArgon2> | undefined;
let checker: Promise<HashArgon2> | undefined;

/** New digests: the reference implementation. */
export const loadMaker = (): Promise<HashArgon2> => (maker ??= loadReference());

/** Checking, which is what happens all day: the Rust implementation where its binary is there, for a third of the time. */
export const loadChecker = (): Promise<HashArgon2> => (checker ??= loadRust().catch(loadMaker));
