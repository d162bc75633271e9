import { parseDuration } from '@portcullis/platform-config';
import type { Authority, ExtendedUsage, KeyKind, SignatureHash, Subject } from '@portcullis/platform-tls/make';
import { type Command, Option } from 'commander';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import type { Output } from './output.js';
import {
  describeKey,
  KEY_ALGORITHMS,
  KEY_NAMES,
  type KeyAlgorithm,
  keyKindOf,
  type KeyOptions,
  loadMake,
  privateKeyFiles,
  withKeyOptions,
} from './key-files.js';
import { type NewFile, writeNewFiles } from './write-new-files.js';

interface RequestOptions extends KeyOptions {
  readonly commonName?: string;
  readonly organization?: readonly string[];
  readonly organizationalUnit?: readonly string[];
  readonly country?: readonly string[];
  readonly province?: readonly string[];
  readonly locality?: readonly string[];
  readonly streetAddress?: readonly string[];
  readonly postcode?: readonly string[];
  readonly sans?: readonly string[];
  readonly signature?: keyof typeof HASHES;
  readonly 'file.csr': string;
}

interface CertificateOptions extends RequestOptions {
  readonly ca?: boolean;
  readonly duration: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly extendedUsage?: readonly string[];
  readonly bundles?: readonly string[];
  readonly 'path.ca'?: string;
  readonly 'file.certificate': string;
  readonly 'file.caCertificate': string;
  readonly 'file.caPrivateKey': string;
  readonly 'file.bundle.chain': string;
  readonly 'file.bundle.privChain': string;
}

const HASHES = { SHA256: 'SHA-256', SHA384: 'SHA-384', SHA512: 'SHA-512' } as const satisfies Record<string, SignatureHash>;
const USAGES: readonly ExtendedUsage[] = ['serverAuth', 'clientAuth', 'codeSigning', 'emailProtection', 'timeStamping', 'OCSPSigning', 'any'];

/** `crypto certificate rsa|ecdsa|ed25519 generate|request` (reference 6.5). */
export function addCertificate(crypto: Command): void {
  const certificate = crypto.command('certificate').description('certificates, and requests for them');
  for (const algorithm of KEY_ALGORITHMS) {
    const parent = certificate.command(algorithm).description(`certificates of ${KEY_NAMES[algorithm]} keys`);
    addGenerate(parent, algorithm);
    addRequest(parent, algorithm);
  }
}

function addGenerate(parent: Command, algorithm: KeyAlgorithm): void {
  const names = '--common-name auth.example.com --sans auth.example.com,192.0.2.10';
  withSubject(
    withKeyOptions(parent.command('generate').description('make a key and its certificate, signed by itself or by an authority'), algorithm),
    algorithm,
  )
    .option('--ca', 'the certificate is one of an authority')
    .option('--duration <time>', 'how long it holds', '1y')
    .option('--not-before <date>', 'from when on it holds (default: now)')
    .option('--not-after <date>', 'until when it holds, instead of --duration')
    .option('--extended-usage <list>', `what it is for: ${USAGES.join(', ')} (default: serverAuth, none for an authority)`, list)
    .option('--path.ca <directory>', 'the directory with the files of the authority that signs')
    .option('--file.ca-certificate <name>', 'its certificate', 'ca.public.crt')
    .option('--file.ca-private-key <name>', 'its private key', 'ca.private.pem')
    .option('--file.certificate <name>', 'the file of the certificate', 'public.crt')
    .option('--bundles <list>', 'chain: the certificates in one file; privkey-chain: those and the key', list)
    .option('--file.bundle.chain <name>', 'the file of the first', 'public.chain.pem')
    .option('--file.bundle.priv-chain <name>', 'the file of the second', 'private.chain.pem')
    .addHelpText(
      'after',
      examples(
        `crypto certificate ${algorithm} generate ${names}`,
        `crypto certificate ${algorithm} generate --ca --common-name "Our authority" --file.certificate ca.public.crt --file.private-key ca.private.pem`,
        `crypto certificate ${algorithm} generate ${names} --path.ca .`,
      ),
    )
    .action((options: CertificateOptions, command: Command) => generate(algorithm, options, command));
}

function addRequest(parent: Command, algorithm: KeyAlgorithm): void {
  withSubject(withKeyOptions(parent.command('request').description('make a key, and ask an authority for its certificate'), algorithm), algorithm)
    .option('--file.csr <name>', 'the file of the request', 'request.csr')
    .addHelpText('after', examples(`crypto certificate ${algorithm} request --common-name auth.example.com --sans auth.example.com`))
    .action((options: RequestOptions, command: Command) => request(algorithm, options, command));
}

/** A list may be given at once with commas, or bit by bit. */
const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(',').map((part) => part.trim())];

function withSubject(command: Command, algorithm: KeyAlgorithm): Command {
  command
    .option('-n, --common-name <name>', 'whom it is for')
    .option('--sans <list>', 'names of hosts and addresses it is for', list)
    .option('-o, --organization <list>', 'organization (default: Portcullis)', list)
    .option('--organizational-unit <list>', 'part of the organization', list)
    .option('--country <list>', 'country, in two letters', list)
    .option('--province <list>', 'province', list)
    .option('-l, --locality <list>', 'town', list)
    .option('-s, --street-address <list>', 'street', list)
    .option('-p, --postcode <list>', 'postcode', list);
  if (algorithm === 'ed25519') return command;
  return command.addOption(new Option('--signature <hash>', 'the hash that is signed').choices(Object.keys(HASHES)).default('SHA256'));
}

async function generate(algorithm: KeyAlgorithm, options: CertificateOptions, command: Command): Promise<void> {
  const { output } = globalsOf(command);
  const kind = signingKind(algorithm, options);
  const authority = authorityOf(options);
  const isAuthority = options.ca === true;
  const [notBefore, notAfter] = periodOf(options);
  const wish = { ...wishOf(options), isAuthority, notBefore, notAfter, extendedUsages: usagesOf(options.extendedUsage ?? [], isAuthority) };
  const { makeKeys, makeCertificate } = await loadMake();
  const keys = await makeKeys(kind);
  const certificate = await makeCertificate(keys, wish, authority ?? undefined);
  const keyFiles = privateKeyFiles(keys, kind, options);
  const path = join(options.directory, options['file.certificate']);
  const bundles = bundlesOf(options, keyFiles[0]?.content.toString() ?? '', [certificate, authority?.certificate ?? '']);
  writeNewFiles([...keyFiles, { path, content: certificate, isSecret: false }, ...bundles], options.force === true);
  const made = new X509Certificate(certificate);
  const signer = authority === null ? null : new X509Certificate(authority.certificate);
  const answer = {
    ...{ serial: made.serialNumber, notBefore, notAfter, signedBy: signer?.subject.replaceAll('\n', ', ') ?? null },
    ...{ privateKey: keyFiles.map((file) => file.path), certificate: path, bundles: bundles.map((file) => file.path) },
  };
  output.answer(answer, () => {
    output.line(`Made a certificate: ${describeKey(kind)}, ${answer.signedBy === null ? 'signed by itself' : `signed by ${answer.signedBy}`}.\n`);
    tellSubject(output, options);
    output.line(`Serial: ${made.serialNumber}`);
    output.line(`Not Before: ${notBefore.toISOString()}, Not After: ${notAfter.toISOString()}`);
    if (signer !== null && signer.validToDate < notAfter)
      output.line(`The certificate of the authority ends before, on ${signer.validToDate.toISOString()}.`);
    output.line(`Private Key: ${answer.privateKey.join(', ')}`);
    output.line(`Certificate: ${[path, ...answer.bundles].join(', ')}`);
  });
}

async function request(algorithm: KeyAlgorithm, options: RequestOptions, command: Command): Promise<void> {
  const { output } = globalsOf(command);
  const kind = signingKind(algorithm, options);
  const { makeKeys, makeRequest } = await loadMake();
  const keys = await makeKeys(kind);
  const content = await makeRequest(keys, wishOf(options));
  const keyFiles = privateKeyFiles(keys, kind, options);
  const path = join(options.directory, options['file.csr']);
  writeNewFiles([...keyFiles, { path, content, isSecret: false }], options.force === true);
  const privateKey = keyFiles.map((file) => file.path);
  output.answer({ privateKey, request: path }, () => {
    output.line(`Made a certificate request: ${describeKey(kind)}.\n`);
    tellSubject(output, options);
    output.line(`Private Key: ${privateKey.join(', ')}`);
    output.line(`Certificate Request: ${path}`);
  });
}

function tellSubject(output: Output, { commonName = '', sans = [] }: RequestOptions): void {
  output.line(`Common Name: ${commonName}`);
  output.line(`Subject Alternative Names: ${sans.join(', ')}`);
}

/** P224 makes a pair; browsers and our library know no certificates of it. */
function signingKind(algorithm: KeyAlgorithm, options: KeyOptions): KeyKind {
  const kind = keyKindOf(algorithm, options);
  if (kind.algorithm === 'ecdsa' && kind.curve === 'P224') throw misused('P224 is for key pairs alone: take P256, P384 or P521 for a certificate.');
  return kind;
}

function wishOf(options: RequestOptions): { readonly subject: Subject; readonly names: readonly string[]; readonly hash: SignatureHash } {
  const { commonName, organization = ['Portcullis'], organizationalUnit, country, province, locality, streetAddress, postcode } = options;
  return {
    subject: { commonName, organization, organizationalUnit, country, province, locality, streetAddress, postcode },
    names: options.sans ?? [],
    hash: HASHES[options.signature ?? 'SHA256'],
  };
}

function usagesOf(words: readonly string[], isAuthority: boolean): readonly ExtendedUsage[] {
  if (words.length === 0) return isAuthority ? [] : ['serverAuth'];
  return words.map((word) => {
    const found = USAGES.find((usage) => usage.toLowerCase() === word.toLowerCase());
    if (found === undefined) throw misused(`--extended-usage: '${word}' is not one of ${USAGES.join(', ')}.`);
    return found;
  });
}

function periodOf({ duration, notBefore, notAfter }: CertificateOptions): readonly [from: Date, to: Date] {
  const from = notBefore === undefined ? new Date(Math.floor(Date.now() / 1000) * 1000) : dateOf('--not-before', notBefore);
  const length = parseDuration(duration);
  if (!length.ok) throw misused(`--duration: ${length.error}`);
  const to = notAfter === undefined ? new Date(from.getTime() + length.value) : dateOf('--not-after', notAfter);
  if (to <= from) throw misused('A certificate ends after it begins: look at --not-before, --not-after and --duration.');
  return [from, to];
}

/** `2026-11-26`, `2026-11-26T12:00:00Z`, or seconds since 1970. */
function dateOf(flag: string, text: string): Date {
  const date = new Date(/^\d{6,11}$/.test(text) ? Number(text) * 1000 : text);
  if (Number.isNaN(date.getTime())) throw misused(`${flag}: '${text}' is no date; write it as 2026-11-26 or 2026-11-26T12:00:00Z.`);
  return date;
}

/** The authority in `--path.ca`; null: the certificate is signed by its own key. */
function authorityOf(options: CertificateOptions): Authority | null {
  const directory = options['path.ca'];
  if (directory === undefined) return null;
  const [certificatePath, keyPath] = [join(directory, options['file.caCertificate']), join(directory, options['file.caPrivateKey'])];
  const read = <T>(path: string, parse: (pem: string) => T): T => {
    try {
      return parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new Failure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const certificate = read(certificatePath, (pem) => new X509Certificate(pem));
  const key = read(keyPath, createPrivateKey);
  if (!certificate.ca) throw new Failure(`${certificatePath} is not the certificate of an authority. Make one with --ca.`);
  if (!certificate.checkPrivateKey(key)) throw new Failure(`${keyPath} is not the key of ${certificatePath}.`);
  return { certificate: certificate.toString(), key };
}

function bundlesOf(options: CertificateOptions, key: string, certificates: readonly string[]): readonly NewFile[] {
  const chain = certificates.join('');
  return (options.bundles ?? []).map((bundle) => {
    if (bundle === 'chain') return { path: join(options.directory, options['file.bundle.chain']), content: chain, isSecret: false };
    if (bundle !== 'privkey-chain' && bundle !== 'priv-chain') throw misused(`--bundles: '${bundle}' is not one of chain, privkey-chain.`);
    return { path: join(options.directory, options['file.bundle.privChain']), content: key + chain, isSecret: true };
  });
}
