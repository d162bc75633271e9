import type { DigestAlgorithm, DigestOptions } from '@portcullis/domain-passwords';
import { z } from 'zod';
import { count, text } from './raw.js';
import type { Report } from './report.js';

const argon2 = z.object({ variant: text, iterations: count, memory: count, parallelism: count, key_length: count, salt_length: count });
const rounds = z.object({ variant: text, iterations: count, salt_length: count });

export const rawDigest = z.object({
  algorithm: text,
  argon2: argon2.optional(),
  sha2crypt: rounds.optional(),
  pbkdf2: rounds.optional(),
  bcrypt: z.object({ variant: text, cost: count }).optional(),
  scrypt: z.object({ variant: text, iterations: count, block_size: count, parallelism: count, key_length: count, salt_length: count }).optional(),
  iterations: count,
  memory: count,
  parallelism: count,
  key_length: count,
  salt_length: count,
});
type RawDigest = z.output<typeof rawDigest>;

/** The two of domain-passwords, handed in by the application. */
export interface DigestChecks {
  readonly DIGEST_DEFAULTS: { readonly [A in DigestAlgorithm]: Extract<DigestOptions, { readonly algorithm: A }> };
  readonly digestOptionProblems: (options: DigestOptions) => readonly string[];
}

const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ['argon2', 'argon2'],
  ['argon2id', 'argon2'],
  ['sha2crypt', 'sha2crypt'],
  ['sha512', 'sha2crypt'],
  ['pbkdf2', 'pbkdf2'],
  ['bcrypt', 'bcrypt'],
  ['scrypt', 'scrypt'],
]);
const FLAT = ['iterations', 'memory', 'parallelism', 'key_length', 'salt_length'] as const;
const KIB_PER_MIB = 1024;
const MEND = 'correct it, or remove it for the usual value';
/** Where passwords are stored in earnest. @see OWASP Password Storage Cheat Sheet */
const LEAST_ARGON2_KIB = 7168;

/** `authentication_backend.file.password` (or `.sql.password`, as `path` says): how new digests are made. The flat keys of old (memory in MiB) count where today's are not set. */
export function readDigestOptions(written: RawDigest, checks: DigestChecks, report: Report, path: string): DigestOptions {
  const algorithm = ALGORITHMS.get((written.algorithm ?? 'argon2').toLowerCase());
  if (algorithm === undefined) {
    report.error(`${path}.algorithm`, `'${written.algorithm ?? ''}' is not one of argon2, sha2crypt, pbkdf2, bcrypt, scrypt`, 'write argon2');
    return checks.DIGEST_DEFAULTS.argon2;
  }
  const options = optionsOf(algorithm, withFlatKeys(written, algorithm, report, path), checks.DIGEST_DEFAULTS, report, path);
  for (const problem of checks.digestOptionProblems(options)) report.error(`${path}.${algorithm}`, problem, MEND);
  if (options.algorithm === 'argon2' && options.memoryKib < LEAST_ARGON2_KIB) {
    const message = `argon2 with ${options.memoryKib} KiB of memory slows nobody down who tries passwords`;
    report.warning(`${path}.argon2.memory`, message, 'write 65536, which is 64 MiB, or at least 19456');
  }
  warnOfUnused(algorithm, written, checks, report, path);
  return options;
}

/** Those that are not used count the day the algorithm is changed. */
function warnOfUnused(algorithm: DigestAlgorithm, written: RawDigest, checks: DigestChecks, report: Report, path: string): void {
  const others = [...new Set(ALGORITHMS.values())].filter((other) => other !== algorithm && written[other] !== undefined);
  for (const other of others) {
    const tell = (place: string, message: string, fix = MEND): void => {
      report.warning(place, `${message} (not used while the algorithm is ${algorithm})`, fix);
    };
    const options = optionsOf(other, written, checks.DIGEST_DEFAULTS, { error: tell }, path);
    for (const problem of checks.digestOptionProblems(options)) tell(`${path}.${other}`, problem);
  }
}

function withFlatKeys(raw: RawDigest, algorithm: DigestAlgorithm, report: Report, path: string): RawDigest {
  const used = FLAT.filter((name) => raw[name] !== undefined);
  const first = used[0];
  if (first === undefined) return raw;
  report.warning(
    `${path}.${first}`,
    `${used.map((name) => `${path}.${name}`).join(', ')}: old names since 4.37, read as those of ${path}.${algorithm}`,
    `write them under ${path}.${algorithm}${used.includes('memory') ? ' (memory there in KiB)' : ''}`,
  );
  const flat = { iterations: raw.iterations, parallelism: raw.parallelism, key_length: raw.key_length, salt_length: raw.salt_length };
  const memory = raw.memory === undefined ? undefined : raw.memory * KIB_PER_MIB;
  const { iterations, salt_length } = flat;
  return {
    ...raw,
    argon2: { ...flat, memory, ...raw.argon2 },
    scrypt: { ...flat, ...raw.scrypt },
    pbkdf2: { iterations, salt_length, ...raw.pbkdf2 },
    sha2crypt: { iterations, salt_length, ...raw.sha2crypt },
  };
}

function optionsOf(
  algorithm: DigestAlgorithm,
  raw: RawDigest,
  defaults: DigestChecks['DIGEST_DEFAULTS'],
  report: Pick<Report, 'error'>,
  path: string,
): DigestOptions {
  const variant = <V extends string>(known: readonly V[], value: string | undefined, fallback: V): V => {
    const found = value === undefined || value === '' ? fallback : known.find((each) => each === value.toLowerCase());
    if (found === undefined) report.error(`${path}.${algorithm}.variant`, `'${value ?? ''}' is not one of ${known.join(', ')}`, `write ${fallback}`);
    return found ?? fallback;
  };
  switch (algorithm) {
    case 'argon2': {
      const { argon2: own = {} } = raw;
      const standard = defaults.argon2;
      return {
        algorithm,
        variant: variant(['argon2id', 'argon2i', 'argon2d'], own.variant, standard.variant),
        iterations: or(own.iterations, standard.iterations),
        memoryKib: or(own.memory, standard.memoryKib),
        parallelism: or(own.parallelism, standard.parallelism),
        keyLength: or(own.key_length, standard.keyLength),
        saltLength: or(own.salt_length, standard.saltLength),
      };
    }
    case 'bcrypt': {
      const { bcrypt: own = {} } = raw;
      return { algorithm, variant: variant(['standard', 'sha256'], own.variant, defaults.bcrypt.variant), cost: or(own.cost, defaults.bcrypt.cost) };
    }
    case 'scrypt': {
      const { scrypt: own = {} } = raw;
      const standard = defaults.scrypt;
      return {
        algorithm,
        variant: variant(['scrypt'], own.variant, standard.variant),
        iterations: or(own.iterations, standard.iterations),
        blockSize: or(own.block_size, standard.blockSize),
        parallelism: or(own.parallelism, standard.parallelism),
        keyLength: or(own.key_length, standard.keyLength),
        saltLength: or(own.salt_length, standard.saltLength),
      };
    }
    case 'pbkdf2': {
      const { pbkdf2: own = {} } = raw;
      const standard = defaults.pbkdf2;
      const known = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
      return {
        algorithm,
        variant: variant(known, own.variant, standard.variant),
        iterations: or(own.iterations, standard.iterations),
        saltLength: or(own.salt_length, standard.saltLength),
      };
    }
    case 'sha2crypt': {
      const { sha2crypt: own = {} } = raw;
      const standard = defaults.sha2crypt;
      return {
        algorithm,
        variant: variant(['sha256', 'sha512'], own.variant, standard.variant),
        iterations: or(own.iterations, standard.iterations),
        saltLength: or(own.salt_length, standard.saltLength),
      };
    }
  }
}

/** Zero is as good as nothing. */
const or = (value: number | undefined, fallback: number): number => (value === undefined || value === 0 ? fallback : value);
