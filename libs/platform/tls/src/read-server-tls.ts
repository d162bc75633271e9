import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureVersion } from 'node:tls';

/** Paths of PEM files, and the versions of the protocol. */
export interface ServerTlsSettings {
  /** The certificate, and behind it those of the authorities between it and the root. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities: with any, a client must show a certificate of one of them. */
  readonly clientCertificates: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion?: SecureVersion | undefined;
}

/** What a TLS server of node:tls is given. */
export interface ServerTls {
  readonly options: {
    readonly cert: string;
    readonly key: string;
    readonly ca?: string[];
    readonly requestCert: boolean;
    readonly rejectUnauthorized: boolean;
    readonly minVersion: SecureVersion;
    readonly maxVersion?: SecureVersion;
  };
  /** When the certificate ends. */
  readonly notAfterMs: number;
}

export interface TlsProblem {
  readonly severity: 'error' | 'warning';
  /** `certificate`, `key` or `client_certificates[0]`. */
  readonly key: string;
  readonly message: string;
  readonly fix?: string;
}

export interface ServerTlsReading {
  /** null where there is an error. */
  readonly value: ServerTls | null;
  readonly problems: readonly TlsProblem[];
}

const DAY_MS = 86_400_000;

/** Reads the files and looks whether they belong together. */
export function readServerTls(settings: ServerTlsSettings, nowMs: number): ServerTlsReading {
  const problems: TlsProblem[] = [];
  const cert = readPem(settings.certificate, 'certificate', problems);
  const key = readPem(settings.key, 'key', problems);
  const chain = cert === null ? [] : certificatesIn(cert, settings.certificate, 'certificate', problems);
  const [certificate] = chain;
  const privateKey = key === null ? null : privateKeyIn(key, settings.key, problems);
  if (certificate && privateKey) checkPair(certificate, privateKey, settings, nowMs, problems);
  const ca = settings.clientCertificates.map((path, index) => authority(path, `client_certificates[${index}]`, nowMs, problems));
  if (key === null || !certificate || problems.some(({ severity }) => severity === 'error')) return { value: null, problems };
  const options = {
    cert: pemOf(chain),
    key,
    ...(ca.length === 0 ? {} : { ca }),
    requestCert: ca.length > 0,
    rejectUnauthorized: ca.length > 0,
    minVersion: settings.minVersion,
    ...(settings.maxVersion === undefined ? {} : { maxVersion: settings.maxVersion }),
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    problems.push({ severity: 'error', key: 'certificate', message: `${settings.certificate} cannot be used: ${messageOf(cause)}` });
    return { value: null, problems };
  }
  return { value: { options, notAfterMs: certificate.validToDate.getTime() }, problems };
}

function checkPair(certificate: X509Certificate, key: KeyObject, settings: ServerTlsSettings, nowMs: number, problems: TlsProblem[]): void {
  if (!certificate.checkPrivateKey(key)) {
    problems.push({
      severity: 'error',
      key: 'key',
      message: `${settings.key} is not the key of the certificate in ${settings.certificate}`,
      fix: 'give the two files that were made together; the own certificate comes first in its file, those of the authorities behind it',
    });
  }
  tellAge(certificate, settings.certificate, 'certificate', nowMs, problems);
}

/** A certificate outside its time is refused by whoever is shown it; that is for them to say, and for us to tell. */
function tellAge(certificate: X509Certificate, path: string, key: string, nowMs: number, problems: TlsProblem[]): void {
  const warn = (message: string, fix: string): void => void problems.push({ severity: 'warning', key, message: `${path} ${message}`, fix });
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  const { validFromDate: from, validToDate: to } = certificate;
  if (to.getTime() <= nowMs) warn(`ended on ${day(to)}: whoever checks it refuses it`, 'renew it; the files are read again when they change');
  else if (to.getTime() - nowMs < 7 * DAY_MS) warn(`ends on ${day(to)}`, 'renew it; the files are read again when they change');
  else if (from.getTime() > nowMs) warn(`begins on ${day(from)} only: until then whoever checks it refuses it`, 'look at the clock of this machine');
}

function authority(path: string, key: string, nowMs: number, problems: TlsProblem[]): string {
  const pem = readPem(path, key, problems);
  const certificates = pem === null ? [] : certificatesIn(pem, path, key, problems);
  for (const certificate of certificates) {
    if (!certificate.ca) {
      problems.push({
        severity: 'error',
        key,
        message: `${path} holds a certificate that is no authority (${certificate.subject.replaceAll('\n', ', ')})`,
        fix: 'give the certificate of the authority that signs those of the clients',
      });
    }
    tellAge(certificate, path, key, nowMs, problems);
  }
  return pemOf(certificates);
}

/** Written anew: files that were put together without a line end between them are read by us, and not by OpenSSL. */
const pemOf = (certificates: readonly X509Certificate[]): string => certificates.map(String).join('');

function readPem(path: string, key: string, problems: TlsProblem[]): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    problems.push({
      severity: 'error',
      key,
      message: `${path} cannot be read: ${messageOf(cause)}`,
      fix: 'write the path of a PEM file that this user may read',
    });
    return null;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesIn(pem: string, path: string, key: string, problems: TlsProblem[]): readonly X509Certificate[] {
  const refuse = (message: string): readonly X509Certificate[] => {
    problems.push({ severity: 'error', key, message: `${path} ${message}`, fix: 'it must hold PEM: -----BEGIN CERTIFICATE-----' });
    return [];
  };
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return refuse('holds no certificate');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    return refuse(`holds a certificate that cannot be read: ${messageOf(cause)}`);
  }
}

function privateKeyIn(pem: string, path: string, problems: TlsProblem[]): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    const isLocked = pem.includes('ENCRYPTED');
    problems.push({
      severity: 'error',
      key: 'key',
      message: isLocked ? `${path} is a key that is locked by a passphrase` : `${path} holds no private key that can be read`,
      fix: isLocked ? `write it without: openssl pkey -in ${path} -out key.pem` : 'it must hold PEM: -----BEGIN PRIVATE KEY-----',
    });
    return null;
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
