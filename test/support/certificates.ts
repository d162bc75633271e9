import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { tempDir } from './temp-dir.js';

export interface Certificates {
  /** PEM texts. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The same as files. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const ecdsa = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const defaultNames = ['example.com', '*.example.com', 'other.test', '*.other.test', 'localhost', '127.0.0.1'];

/** A certificate for the names (DNS or IPv4), signed by an authority made for this call. It ends in a year, or when it is told to. */
export async function certificates(names: readonly string[] = defaultNames, { notAfter }: { readonly notAfter?: Date } = {}): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...ecdsa,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const altNames = names.map((name) => (/^[\d.]+$/.test(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const)));
  const leaf = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    ...ecdsa,
    ca: { key: authority.private, cert: authority.cert },
    ...(notAfter === undefined ? {} : { notAfterDate: notAfter }),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  const dir = tempDir('tls');
  const file = (name: string, pem: string): string => {
    writeFileSync(join(dir, name), pem, { mode: 0o600 });
    return join(dir, name);
  };
  return {
    ca: authority.cert,
    cert: leaf.cert,
    key: leaf.private,
    caFile: file('ca.pem', authority.cert),
    certFile: file('cert.pem', leaf.cert),
    keyFile: file('key.pem', leaf.private),
  };
}
