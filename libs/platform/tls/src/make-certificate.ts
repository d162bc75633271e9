import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type KeyObject, randomBytes, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Keys } from './make-keys.js';

/** The parts of a name (RFC 4519), each of which may be there several times. */
export interface Subject {
  readonly commonName?: string | undefined;
  readonly organization?: readonly string[] | undefined;
  readonly organizationalUnit?: readonly string[] | undefined;
  readonly country?: readonly string[] | undefined;
  readonly province?: readonly string[] | undefined;
  readonly locality?: readonly string[] | undefined;
  readonly streetAddress?: readonly string[] | undefined;
  readonly postcode?: readonly string[] | undefined;
}

/** @see RFC 5280 section 4.2.1.12 */
export const EXTENDED_USAGES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
} as const;
export type ExtendedUsage = keyof typeof EXTENDED_USAGES;

export type SignatureHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface RequestWish {
  readonly subject: Subject;
  /** Names of hosts, and addresses. */
  readonly names: readonly string[];
  readonly hash: SignatureHash;
}

export interface CertificateWish extends RequestWish {
  readonly isAuthority: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extendedUsages: readonly ExtendedUsage[];
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly key: KeyObject;
}

/** A certificate of these keys as PEM, signed by the authority or, without one, by the keys themselves. */
export async function makeCertificate(keys: Keys, wish: CertificateWish, authority?: Authority): Promise<string> {
  const issuer = authority === undefined ? null : new X509Certificate(authority.certificate);
  const publicKey = cryptoKey(keys.publicKey, wish.hash);
  const subject = nameOf(wish.subject);
  const made = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer?.subjectName ?? subject,
    notBefore: wish.notBefore,
    notAfter: wish.notAfter,
    publicKey,
    signingKey: cryptoKey(authority?.key ?? keys.privateKey, wish.hash),
    signingAlgorithm: signing(authority?.key ?? keys.privateKey, wish.hash),
    extensions: [
      new BasicConstraintsExtension(wish.isAuthority, undefined, true),
      new KeyUsagesExtension(usagesOf(keys.publicKey, wish.isAuthority), true),
      ...(wish.extendedUsages.length === 0 ? [] : [new ExtendedKeyUsageExtension(wish.extendedUsages.map((usage) => EXTENDED_USAGES[usage]))]),
      ...alternativeNames(wish.names),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? publicKey),
    ],
  });
  return `${made.toString('pem')}\n`;
}

/** What an authority is asked with for a certificate of these keys, as PEM. @see RFC 2986 */
export async function makeRequest(keys: Keys, wish: RequestWish): Promise<string> {
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: nameOf(wish.subject),
    keys: { publicKey: cryptoKey(keys.publicKey, wish.hash), privateKey: cryptoKey(keys.privateKey, wish.hash) },
    signingAlgorithm: signing(keys.privateKey, wish.hash),
    extensions: alternativeNames(wish.names),
  });
  return `${made.toString('pem')}\n`;
}

const WEB_CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** What the library knows keys by. */
function cryptoKey(key: KeyObject, hash: SignatureHash): webcrypto.CryptoKey {
  const algorithm = { ...signing(key, hash), namedCurve: WEB_CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] };
  return key.toCryptoKey(algorithm, true, [key.type === 'private' ? 'sign' : 'verify']);
}

const SIGNATURES: Readonly<Record<string, string>> = { rsa: 'RSASSA-PKCS1-v1_5', ec: 'ECDSA', ed25519: 'Ed25519' };

function signing(key: KeyObject, hash: SignatureHash): { readonly name: string; readonly hash: SignatureHash } {
  const name = SIGNATURES[key.asymmetricKeyType ?? ''];
  if (name === undefined) throw new TypeError(`a key of the kind ${String(key.asymmetricKeyType)} signs no certificate`);
  return { name, hash };
}

function nameOf(subject: Subject): Record<string, string[]>[] {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['C', subject.country],
    ['ST', subject.province],
    ['L', subject.locality],
    ['2.5.4.9', subject.streetAddress],
    ['2.5.4.17', subject.postcode],
    ['O', subject.organization],
    ['OU', subject.organizationalUnit],
    ['CN', subject.commonName === undefined || subject.commonName === '' ? [] : [subject.commonName]],
  ];
  return parts.flatMap(([type, values = []]) => values.map((value) => ({ [type]: [value] })));
}

function usagesOf(key: KeyObject, isAuthority: boolean): KeyUsageFlags {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = KeyUsageFlags;
  if (isAuthority) return keyCertSign | cRLSign | digitalSignature;
  if (key.asymmetricKeyType === 'rsa') return digitalSignature | keyEncipherment;
  return digitalSignature;
}

const alternativeNames = (names: readonly string[]): Extension[] =>
  names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })))];

/** 127 random bits, positive. @see RFC 5280 section 4.1.2.2 */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}
