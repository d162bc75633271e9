/** For tests of whoever listens: authorities and certificates in a line. */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, type CertificateWish, makeCertificate, makeKeys } from './make.js';

/** PEM texts. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

async function pair(name: string, change: Partial<CertificateWish>, signer?: Authority): Promise<Pair> {
  const keys = await makeKeys({ algorithm: 'ecdsa', curve: 'P256' });
  const wish: CertificateWish = {
    ...{ subject: { commonName: name }, names: [], hash: 'SHA-256', isAuthority: false, extendedUsages: [] },
    ...{ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 30 * DAY_MS) },
    ...change,
  };
  return { cert: await makeCertificate(keys, wish, signer), key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

export const authority = (name: string): Promise<Pair> => pair(name, { isAuthority: true });

/** A certificate for localhost, of a server or of a client. */
export const signedBy = (
  { cert, key }: Pair,
  name = 'localhost',
  period: Pick<Partial<CertificateWish>, 'notBefore' | 'notAfter'> = {},
): Promise<Pair> =>
  pair(
    name,
    { names: ['localhost', '127.0.0.1'], extendedUsages: ['serverAuth', 'clientAuth'], ...period },
    { certificate: cert, key: createPrivateKey(key) },
  );

/** A directory for PEM files, gone with `remove()`. */
export function pemDirectory(): {
  readonly write: (name: string, pem: string) => string;
  readonly path: (name: string) => string;
  readonly remove: () => void;
} {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  const path = (name: string): string => join(directory, name);
  return {
    path,
    write: (name, pem) => {
      writeFileSync(path(name), pem, { mode: 0o600 });
      return path(name);
    },
    remove: () => {
      rmSync(directory, { recursive: true });
    },
  };
}
