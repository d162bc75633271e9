import { createHash, hash as hashOnce } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { CRYPT64, randomCrypt64 } from './base64.js';
import type { Sha2CryptOptions } from './digest-options.js';
import { fieldsOf, unsupported, wholeNumber, type Recipe, type Stored } from './recipe.js';

type Variant = Sha2CryptOptions['variant'];

const ID = { sha256: '5', sha512: '6' } as const;
const HASH_LENGTH = { sha256: 43, sha512: 86 } as const;
/** Where a digest does not write its rounds. */
const DEFAULT_ROUNDS = 5000;
/** Even or odd, a multiple of 3, a multiple of 7: after so many rounds it begins anew. */
const CYCLE = 2 * 3 * 7;
/** About a millisecond: after so many rounds the event loop has its turn. */
const ROUNDS_AT_A_TIME = 24 * CYCLE;

/**
 * SHA-crypt on Node's own hashes. (unixcrypt 3.0 gives another result than crypt(3) for passwords of 32, 64, 128 … bytes.)
 * @see U. Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6
 */
export function sha2crypt({ variant, iterations, saltLength }: Sha2CryptOptions): Recipe {
  const rounds = iterations === DEFAULT_ROUNDS ? '' : `rounds=${iterations}$`;
  return {
    newSalt: () => randomCrypt64(saltLength),
    randomHash: () => randomCrypt64(HASH_LENGTH[variant]),
    hash: async (password, salt) => encode(variant, await derive(variant, Buffer.from(password), Buffer.from(salt), iterations)),
    write: (salt, hash) => `$${ID[variant]}$${rounds}${salt}$${hash}`,
    tellsApart: () => true,
  };
}

export function readSha2Crypt(variant: Variant, text: string): Stored {
  const writesRounds = /^\$[56]\$rounds=/.test(text);
  const fields = fieldsOf(text, writesRounds ? 4 : 3);
  const iterations = writesRounds ? wholeNumber(fields[1]?.slice('rounds='.length)) : DEFAULT_ROUNDS;
  const [salt = '', hash = ''] = fields.slice(-2);
  if (hash.length !== HASH_LENGTH[variant] || salt.length > 16) throw unsupported();
  return { recipe: sha2crypt({ algorithm: 'sha2crypt', variant, iterations, saltLength: salt.length }), salt, hash };
}

async function derive(variant: Variant, password: Buffer, salt: Buffer, rounds: number): Promise<Buffer> {
  const digest = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((state, part) => state.update(part), createHash(variant)).digest();
  const repeated = (bytes: Buffer, times: number): readonly Buffer[] => Array.from({ length: times }, () => bytes);

  const b = digest(password, salt, password);
  const bits = Array.from(password.length === 0 ? '' : password.length.toString(2)).reverse();
  const a = digest(password, salt, filled(b, password.length), ...bits.map((bit) => (bit === '1' ? b : password)));
  const p = filled(digest(...repeated(password, password.length)), password.length);
  const s = filled(digest(...repeated(salt, 16 + a.readUInt8(0))), salt.length);

  const layouts = Array.from({ length: CYCLE }, (_, round) => layoutOf(round, p, s, a.length));
  let last = a;
  for (let round = 0; round < rounds; round += layouts.length) {
    for (const { bytes, lastAt } of layouts.slice(0, rounds - round)) {
      last.copy(bytes, lastAt);
      last = hashOnce(variant, bytes, 'buffer');
    }
    if (round % ROUNDS_AT_A_TIME === 0) await setImmediate();
  }
  return last;
}

/** `bytes` over and over, so many of them. */
function filled(bytes: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** What is hashed in a round, with a place for the hash of the round before. */
function layoutOf(round: number, p: Buffer, s: Buffer, lastLength: number): { readonly bytes: Buffer; readonly lastAt: number } {
  const last = Buffer.alloc(lastLength);
  const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])];
  const bytes = Buffer.concat(round % 2 === 0 ? [last, ...middle, p] : [p, ...middle, last]);
  return { bytes, lastAt: round % 2 === 0 ? 0 : bytes.length - lastLength };
}

/** Three bytes to four characters, lowest bits first, the bytes in the order of the specification. */
function encode(variant: Variant, bytes: Buffer): string {
  const order = variant === 'sha256' ? sha256Order() : sha512Order();
  return order.map((group) => encodeGroup(group.map((index) => bytes.readUInt8(index)))).join('');
}

function encodeGroup(bytes: readonly number[]): string {
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return Array.from({ length: bytes.length + 1 }, (_, at) => CRYPT64.charAt(Math.floor(value / 64 ** at) % 64)).join('');
}

type Order = readonly (readonly number[])[];

function sha256Order(): Order {
  const groups = Array.from({ length: 10 }, (_, at) => rotated([at, at + 10, at + 20], -at));
  return [...groups, [31, 30]];
}

function sha512Order(): Order {
  const groups = Array.from({ length: 21 }, (_, at) => rotated([at, at + 21, at + 42], at));
  return [...groups, [63]];
}

function rotated(group: readonly number[], by: number): readonly number[] {
  const start = ((by % 3) + 3) % 3;
  return [...group.slice(start), ...group.slice(0, start)];
}
