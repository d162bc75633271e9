import { MAX_MEMORY_KIB } from './limits.js';

type Pbkdf2Hash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A digest this product can check; `text` is without its `{CRYPT}` or `{ARGON2}` wrapper. */
export type Digest = { readonly text: string } & (
  | {
      readonly algorithm: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly memoryKib: number;
      readonly iterations: number;
      readonly parallelism: number;
    }
  | { readonly algorithm: 'bcrypt'; readonly variant: 'standard' | 'sha256'; readonly cost: number }
  | { readonly algorithm: 'pbkdf2'; readonly variant: Pbkdf2Hash; readonly iterations: number }
  | {
      readonly algorithm: 'scrypt';
      readonly variant: 'scrypt';
      readonly iterations: number;
      readonly blockSize: number;
      readonly parallelism: number;
    }
  | { readonly algorithm: 'sha2crypt'; readonly variant: 'sha256' | 'sha512'; readonly iterations: number }
);

interface Family {
  /** With its article, for a sentence. */
  readonly name: string;
  /** `rest` is what follows the identifier: the digest, what is wrong with a parameter, or null where the shape is another. */
  read(rest: string, text: string): Digest | string | null;
}

// The alphabets of the PHC string format (without padding) and of crypt(5).
const PHC64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3})?';
const DOT64 = '[./A-Za-z0-9]';
const PARAMETERS = String.raw`(?<parameters>[a-z]+=\d+(?:,[a-z]+=\d+)*)`;

/** By the identifier between the first two `$`. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ...(['argon2id', 'argon2i', 'argon2d'] as const).map((variant) => [variant, argon2(variant)] as const),
  ...['2', '2a', '2b', '2x', '2y'].map((id) => [id, bcrypt()] as const),
  ['bcrypt-sha256', bcryptSha256()],
  ['pbkdf2', pbkdf2('sha1')],
  ...(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const).map((hash) => [`pbkdf2-${hash}`, pbkdf2(hash)] as const),
  ['scrypt', scrypt()],
  ['5', sha2crypt('sha256', 43)],
  ['6', sha2crypt('sha512', 86)],
]);

function argon2(variant: 'argon2id' | 'argon2i' | 'argon2d'): Family {
  const name = `an ${variant}`;
  const shape = new RegExp(String.raw`^v=19\$${PARAMETERS}\$(?<salt>${PHC64})\$(?<key>${PHC64})$`);
  return {
    name,
    read(rest, text) {
      const groups = shape.exec(rest)?.groups;
      const found = numbers(groups?.['parameters'], ['m', 't', 'p']);
      if (groups === undefined || found === null) return null;
      const [memoryKib, iterations, parallelism] = found;
      return (
        outOfBounds(`${name} digest`, [
          ['t', iterations, 1, 2 ** 32 - 1],
          ['p', parallelism, 1, 255],
          ['m', memoryKib, 8 * parallelism, MAX_MEMORY_KIB],
          ['a salt in bytes', phcBytes(groups['salt']), 8, 1024],
          ['a hash in bytes', phcBytes(groups['key']), 4, 1024],
        ]) ?? { text, algorithm: 'argon2', variant, memoryKib, iterations, parallelism }
      );
    },
  };
}

function bcrypt(): Family {
  const shape = new RegExp(String.raw`^(?<cost>\d\d)\$${DOT64}{53}$`);
  return bcryptOf('a bcrypt', 'standard', shape);
}

function bcryptSha256(): Family {
  const shape = new RegExp(String.raw`^v=2,t=2[ab],r=(?<cost>\d{1,2})\$${DOT64}{22}\$${DOT64}{31}$`);
  return bcryptOf('a bcrypt-sha256', 'sha256', shape);
}

function bcryptOf(name: string, variant: 'standard' | 'sha256', shape: RegExp): Family {
  return {
    name,
    read(rest, text) {
      const match = shape.exec(rest);
      if (match === null) return null;
      const cost = Number(match.groups?.['cost']);
      return outOfBounds(`${name} digest`, [['a cost', cost, 4, 31]]) ?? { text, algorithm: 'bcrypt', variant, cost };
    },
  };
}

function pbkdf2(variant: Pbkdf2Hash): Family {
  const name = `a pbkdf2-${variant}`;
  const shape = new RegExp(String.raw`^(?<iterations>\d+)\$${DOT64}*\$${DOT64}+$`);
  return {
    name,
    read(rest, text) {
      const match = shape.exec(rest);
      if (match === null) return null;
      const iterations = Number(match.groups?.['iterations']);
      return outOfBounds(`${name} digest`, [['iterations', iterations, 1, 2 ** 31 - 1]]) ?? { text, algorithm: 'pbkdf2', variant, iterations };
    },
  };
}

function scrypt(): Family {
  const shape = new RegExp(String.raw`^${PARAMETERS}\$${PHC64}\$(?!$)${PHC64}$`);
  return {
    name: 'an scrypt',
    read(rest, text) {
      const found = numbers(shape.exec(rest)?.groups?.['parameters'], ['ln', 'r', 'p']);
      if (found === null) return null;
      const [iterations, blockSize, parallelism] = found;
      return (
        outOfBounds('an scrypt digest', [
          ['ln', iterations, 1, 58],
          ['r', blockSize, 1, 2 ** 20],
          ['p', parallelism, 1, 2 ** 10],
          ['memory in KiB', scryptMemoryKib(iterations, blockSize), 0, MAX_MEMORY_KIB],
        ]) ?? { text, algorithm: 'scrypt', variant: 'scrypt', iterations, blockSize, parallelism }
      );
    },
  };
}

function sha2crypt(variant: 'sha256' | 'sha512', hashLength: number): Family {
  const name = `a ${variant}-crypt`;
  const shape = new RegExp(String.raw`^(?:rounds=(?<rounds>\d+)\$)?[^$:\s]{0,16}\$${DOT64}{${hashLength}}$`);
  return {
    name,
    read(rest, text) {
      const match = shape.exec(rest);
      if (match === null) return null;
      // Where the rounds are not written they are 5000.
      const iterations = Number(match.groups?.['rounds'] ?? 5000);
      return outOfBounds(`${name} digest`, [['rounds', iterations, 1000, 999_999_999]]) ?? { text, algorithm: 'sha2crypt', variant, iterations };
    },
  };
}

/** The memory one scrypt hash takes. @see RFC 7914 section 2 */
export function scryptMemoryKib(iterations: number, blockSize: number): number {
  return (2 ** iterations * blockSize) / 8;
}

/** `m=65536,t=3,p=4`, in whatever order: exactly these keys, each once. */
function numbers(text: string | undefined, keys: readonly [string, string, string]): readonly [number, number, number] | null {
  const written = (text ?? '').split(',').map((pair) => pair.split('='));
  const values = keys.flatMap((key) => written.filter(([found]) => found === key).map(([, value]) => Number(value)));
  const [first, second, third] = values;
  if (written.length !== keys.length || first === undefined || second === undefined || third === undefined) return null;
  return [first, second, third];
}

function phcBytes(text: string | undefined): number {
  return Math.floor(((text ?? '').length * 3) / 4);
}

type Bound = readonly [what: string, value: number, least: number, most: number];

function outOfBounds(name: string, bounds: readonly Bound[]): string | null {
  const broken = bounds.find(([, value, least, most]) => value < least || value > most);
  if (broken === undefined) return null;
  const [what, value, least, most] = broken;
  return `${name} with ${what} of ${value}, which must lie between ${least} and ${most}`;
}
