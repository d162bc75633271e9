import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CertificateWish, makeCertificate, makeKeys, makeRequest, type KeyKind } from './make.js';

const WISH: CertificateWish = {
  subject: { commonName: 'gate.example.com', organization: ['Example'], country: ['DE'], streetAddress: ['Straße 1'], postcode: ['01234'] },
  names: ['gate.example.com', '*.example.com', '192.0.2.7', '2001:db8::7'],
  hash: 'SHA-256',
  isAuthority: false,
  notBefore: new Date('2026-01-02T03:04:05Z'),
  notAfter: new Date('2056-01-02T03:04:05Z'),
  extendedUsages: ['serverAuth', 'clientAuth'],
};
const KINDS: readonly KeyKind[] = [
  { algorithm: 'rsa', bits: 2048 },
  { algorithm: 'ecdsa', curve: 'P256' },
  { algorithm: 'ecdsa', curve: 'P384' },
  { algorithm: 'ecdsa', curve: 'P521' },
  { algorithm: 'ed25519' },
];

describe.each(KINDS)('with keys of %o', (kind) => {
  it('a certificate says what was wished, and holds for its keys and for nobody who altered it', async () => {
    const keys = await makeKeys(kind);
    const made = new X509Certificate(await makeCertificate(keys, WISH));
    expect(made.subject.split('\n')).toEqual(['C=DE', 'street=Straße 1', 'postalCode=01234', 'O=Example', 'CN=gate.example.com']);
    expect(made.issuer).toBe(made.subject);
    expect(made.subjectAltName).toBe('DNS:gate.example.com, DNS:*.example.com, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7');
    expect([made.validFromDate, made.validToDate]).toEqual([WISH.notBefore, WISH.notAfter]);
    expect([made.ca, made.keyUsage]).toEqual([false, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']]);
    expect(made.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect([made.checkPrivateKey(keys.privateKey), made.verify(keys.publicKey)]).toEqual([true, true]);
    expect(made.verify((await makeKeys(kind)).publicKey)).toBe(false);
  });

  it('an authority signs keys of every kind', async () => {
    const keys = await makeKeys(kind);
    const certificate = await makeCertificate(keys, {
      ...WISH,
      subject: { commonName: 'An authority' },
      names: [],
      isAuthority: true,
      hash: 'SHA-512',
    });
    const authority = new X509Certificate(certificate);
    expect(authority.ca).toBe(true);
    for (const other of KINDS) {
      const made = new X509Certificate(await makeCertificate(await makeKeys(other), WISH, { certificate, key: keys.privateKey }));
      expect([made.issuer, made.checkIssued(authority), made.verify(keys.publicKey)]).toEqual(['CN=An authority', true, true]);
    }
  });

  it('a request is PEM that holds the public key', async () => {
    const keys = await makeKeys(kind);
    const pem = await makeRequest(keys, WISH);
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n[\w+/=\n]+-----END CERTIFICATE REQUEST-----\n$/);
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64');
    expect(
      der.includes(
        createPublicKey(createPrivateKey(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))).export({ type: 'spki', format: 'der' }),
      ),
    ).toBe(true);
  });
});

it('two certificates never have one serial number', async () => {
  const keys = await makeKeys({ algorithm: 'ed25519' });
  const made = await Promise.all(Array.from({ length: 20 }, async () => new X509Certificate(await makeCertificate(keys, WISH)).serialNumber));
  expect(new Set(made).size).toBe(20);
});
