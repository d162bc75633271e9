import type { Keys, KeyKind } from '@portcullis/platform-tls/make';
import { type Command, Option } from 'commander';
import { join, parse } from 'node:path';
import { misused } from './failure.js';
import { wholeNumber } from './whole-number.js';
import type { NewFile } from './write-new-files.js';

/** Loaded where keys or certificates are made: it takes longer than most commands. */
export const loadMake = () => import('@portcullis/platform-tls/make');

export const KEY_ALGORITHMS = ['rsa', 'ecdsa', 'ed25519'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

export const KEY_NAMES = { rsa: 'RSA', ecdsa: 'ECDSA', ed25519: 'Ed25519' } as const;

export interface KeyOptions {
  readonly bits?: string;
  readonly curve?: 'P224' | 'P256' | 'P384' | 'P521';
  readonly directory: string;
  readonly legacy?: boolean;
  readonly force?: boolean;
  readonly 'file.extension.legacy': string;
  readonly 'file.privateKey': string;
}

/** The options of whatever makes keys (reference 6.5). */
export function withKeyOptions(command: Command, algorithm: KeyAlgorithm): Command {
  if (algorithm === 'rsa') command.option('-b, --bits <n>', 'size of the key', '2048');
  if (algorithm === 'ecdsa')
    command.addOption(new Option('-b, --curve <name>', 'the curve').choices(['P224', 'P256', 'P384', 'P521']).default('P256'));
  command
    .option('-d, --directory <path>', 'where the files go', '.')
    .option('--file.private-key <name>', 'the file of the private key', 'private.pem')
    .option('--force', 'replace files that are there');
  if (algorithm === 'ed25519') return command;
  return command
    .option('--legacy', 'write the keys once more in the forms of old (PKCS #1, SEC 1)')
    .option('--file.extension.legacy <text>', 'what stands before the extension of those', 'legacy');
}

export function keyKindOf(algorithm: KeyAlgorithm, { bits, curve = 'P256' }: KeyOptions): KeyKind {
  if (algorithm === 'ed25519') return { algorithm };
  if (algorithm === 'ecdsa') return { algorithm, curve };
  const size = wholeNumber('--bits', bits ?? '2048');
  if (size < 2048 || size > 16_384) throw misused(`--bits is a number from 2048 to 16384, not ${size}: smaller keys can be broken.`);
  return { algorithm, bits: size };
}

/** RSA with 2048 bits, ECDSA with P256, Ed25519. */
export function describeKey(kind: KeyKind): string {
  const name = KEY_NAMES[kind.algorithm];
  if (kind.algorithm === 'rsa') return `${name} with ${kind.bits} bits`;
  return kind.algorithm === 'ecdsa' ? `${name} with ${kind.curve}` : name;
}

export function privateKeyFiles({ privateKey }: Keys, kind: KeyKind, options: KeyOptions): readonly NewFile[] {
  const path = join(options.directory, options['file.privateKey']);
  const pem = (type: 'pkcs8' | 'pkcs1' | 'sec1'): string => privateKey.export({ type, format: 'pem' }).toString();
  const legacy = { path: legacyPath(path, options), content: '', isSecret: true };
  return [
    { path, content: pem('pkcs8'), isSecret: true },
    ...(options.legacy === true ? [{ ...legacy, content: pem(kind.algorithm === 'rsa' ? 'pkcs1' : 'sec1') }] : []),
  ];
}

export function publicKeyFiles({ publicKey }: Keys, kind: KeyKind, options: KeyOptions, name: string): readonly NewFile[] {
  const path = join(options.directory, name);
  const pem = (type: 'spki' | 'pkcs1'): string => publicKey.export({ type, format: 'pem' }).toString();
  return [
    { path, content: pem('spki'), isSecret: false },
    // SEC 1 has no form of its own for public keys.
    ...(options.legacy === true && kind.algorithm === 'rsa' ? [{ path: legacyPath(path, options), content: pem('pkcs1'), isSecret: false }] : []),
  ];
}

/** `private.pem` is `private.legacy.pem`. */
function legacyPath(path: string, options: KeyOptions): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.${options['file.extension.legacy']}${ext}`);
}
