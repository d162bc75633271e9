import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerTls } from './read-server-tls.js';
import { authority, pemDirectory, signedBy, type Pair } from './testing.js';

const files = pemDirectory();
afterAll(() => {
  files.remove();
});

const NOW = Date.now();
const DAY_MS = 86_400_000;
let ca: Pair;
let pair: Pair;
beforeAll(async () => {
  ca = await authority('An authority');
  pair = await signedBy(ca);
  files.write('ca.pem', ca.cert);
  files.write('cert.pem', pair.cert.trim() + ca.cert);
  files.write('key.pem', pair.key);
});

const read = (change: { readonly certificate?: string; readonly key?: string; readonly clients?: readonly string[]; readonly nowMs?: number } = {}) =>
  readServerTls(
    {
      certificate: files.path(change.certificate ?? 'cert.pem'),
      key: files.path(change.key ?? 'key.pem'),
      clientCertificates: (change.clients ?? []).map(files.path),
      minVersion: 'TLSv1.2',
    },
    change.nowMs ?? NOW,
  );

describe('certificate and key', () => {
  it('that belong together are what a server is given', () => {
    expect(read()).toEqual({
      value: {
        options: { cert: pair.cert + ca.cert, key: pair.key, requestCert: false, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
        notAfterMs: expect.any(Number),
      },
      problems: [],
    });
  });

  it('with authorities of clients ask every client for a certificate', () => {
    const { value, problems } = read({ clients: ['ca.pem'] });
    expect(problems).toEqual([]);
    expect(value?.options).toMatchObject({ ca: [ca.cert], requestCert: true, rejectUnauthorized: true });
  });

  it('of two makers are refused', async () => {
    files.write('other-key.pem', (await signedBy(ca)).key);
    const { value, problems } = read({ key: 'other-key.pem' });
    expect(value).toBeNull();
    expect(problems).toEqual([
      expect.objectContaining({ severity: 'error', key: 'key', message: expect.stringContaining('is not the key of the certificate') }),
    ]);
  });

  it('are refused for all that is wrong with them at once, by file', () => {
    files.write('text.pem', 'no certificate\n');
    files.write('broken.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const { value, problems } = read({ certificate: 'text.pem', key: 'none.pem', clients: ['ca.pem', 'broken.pem', 'cert.pem'] });
    expect(value).toBeNull();
    expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      expect.stringMatching(/^key: .*none\.pem cannot be read: ENOENT/),
      expect.stringMatching(/^certificate: .*text\.pem holds no certificate$/),
      expect.stringMatching(/^client_certificates\[1\]: .*broken\.pem holds a certificate that cannot be read/),
      expect.stringMatching(/^client_certificates\[2\]: .*cert\.pem holds a certificate that is no authority \(CN=localhost\)$/),
    ]);
  });

  it('whose key is locked or none are told apart', () => {
    const locked = createPrivateKey(pair.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();
    files.write('locked.pem', locked);
    expect(read({ key: 'locked.pem' }).problems).toEqual([
      expect.objectContaining({ key: 'key', message: expect.stringContaining('passphrase'), fix: expect.stringContaining('openssl pkey') }),
    ]);
    const { publicKey } = generateKeyPairSync('ed25519');
    files.write('public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    expect(read({ key: 'public.pem' }).problems).toEqual([expect.objectContaining({ message: expect.stringContaining('holds no private key') })]);
  });

  it.each([
    ['ended', -2, -1, 'ended on'],
    ['ends within a week', -2, 3, 'ends on'],
    ['has not begun', 1, 30, 'begins on'],
  ])('of which the certificate %s are used, and warned of', async (_, from, to, says) => {
    const aged = await signedBy(ca, 'localhost', { notBefore: new Date(NOW + from * DAY_MS), notAfter: new Date(NOW + to * DAY_MS) });
    files.write('aged.pem', aged.cert);
    files.write('aged-key.pem', aged.key);
    const { value, problems } = read({ certificate: 'aged.pem', key: 'aged-key.pem' });
    expect(Math.abs((value?.notAfterMs ?? 0) - NOW - to * DAY_MS)).toBeLessThan(2000);
    expect(problems).toEqual([expect.objectContaining({ severity: 'warning', key: 'certificate', message: expect.stringContaining(says) })]);
  });
});
