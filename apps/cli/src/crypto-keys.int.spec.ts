import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ended, portcullis } from './command.fixture.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), 'cli-keys-'));
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'd-'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(directory, name);
const pem = (name: string): string => readFileSync(at(name), 'utf8');
const mode = (name: string): string => (statSync(at(name)).mode & 0o777).toString(8);
const type = (...words: readonly string[]): Promise<Ended> => portcullis(['crypto', ...words, '--directory', directory]);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
/** What openssl says, where it is there: another pair of eyes. */
const openssl = (...words: readonly string[]): string => {
  const { stdout, stderr } = spawnSync('openssl', words, { cwd: directory, encoding: 'utf8' });
  return stdout + stderr;
};

describe('crypto pair', () => {
  it.each([
    [['rsa'], 'rsa', 'RSA with 2048 bits'],
    [['rsa', '-b', '3072'], 'rsa', 'RSA with 3072 bits'],
    [['ecdsa'], 'ec', 'ECDSA with P256'],
    [['ecdsa', '-b', 'P224'], 'ec', 'ECDSA with P224'],
    [['ecdsa', '--curve', 'P521'], 'ec', 'ECDSA with P521'],
    [['ed25519'], 'ed25519', 'Ed25519'],
  ])('%j makes two files that belong together, the private one for its owner alone', async ([algorithm = '', ...flags], kind, says) => {
    const { code, out, err } = await type('pair', algorithm, 'generate', ...flags);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`Made a key pair: ${says}.\n\nPrivate Key: ${at('private.pem')}\nPublic Key: ${at('public.pem')}\n`);
    const key = createPrivateKey(pem('private.pem'));
    expect(key.asymmetricKeyType).toBe(kind);
    expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(pem('public.pem'));
    expect(pem('private.pem')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect([mode('private.pem'), mode('public.pem')]).toEqual(['600', '644']);
  });

  it('never overwrites unless it is told to, and then writes nothing of it at all', async () => {
    await type('pair', 'ed25519', 'generate', '--file.public-key', 'other.pem');
    const before = pem('private.pem');
    const { code, out, err } = await type('pair', 'ed25519', 'generate');
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(`${at('private.pem')} is there already. Choose another name, or add --force to replace it.\n`);
    expect([pem('private.pem'), existsSync(at('public.pem'))]).toEqual([before, false]);
    expect((await type('pair', 'ed25519', 'generate', '--force')).code).toBe(0);
    expect(pem('private.pem')).not.toBe(before);
  });

  it('writes the forms of old beside the others where they are wanted', async () => {
    await type('pair', 'rsa', 'generate', '--legacy');
    expect([pem('private.legacy.pem'), pem('public.legacy.pem')]).toEqual([
      expect.stringMatching(/^-----BEGIN RSA PRIVATE KEY-----/),
      expect.stringMatching(/^-----BEGIN RSA PUBLIC KEY-----/),
    ]);
    expect(mode('private.legacy.pem')).toBe('600');
    await type(
      'pair',
      'ecdsa',
      'generate',
      '--legacy',
      '--file.extension.legacy',
      'old',
      '--file.private-key',
      'ec.pem',
      '--file.public-key',
      'ec.pub',
    );
    expect(pem('ec.old.pem')).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
  });

  it.each([
    [['rsa', '-b', '1024'], 'from 2048 to 16384'],
    [['rsa', '-b', 'many'], '--bits takes a whole number'],
    [['ecdsa', '-b', 'P128'], 'Allowed choices are P224, P256, P384, P521'],
  ])('%j is typed wrongly', async ([algorithm = '', ...flags], says) => {
    const { code, err } = await type('pair', algorithm, 'generate', ...flags);
    expect([code, err.includes(says)]).toEqual([2, true]);
  });
});

/** A handshake with the files that were made; resolves to who the server says it is. */
async function handshake(files: { readonly cert: string; readonly key: string }, ca: string, host: string): Promise<string> {
  const server = createServer(files, (socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket: TLSSocket = connectTls({ socket: connect(port, '127.0.0.1'), servername: host, ca });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().subject.CN;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
    server.close();
  }
}

const NAMES = ['--common-name', 'auth.example.com', '--sans', 'auth.example.com,*.apps.example.com', '--sans', '192.0.2.10'];

describe('crypto certificate', () => {
  it.each(['rsa', 'ecdsa', 'ed25519'])(
    '%s: a certificate signed by itself opens TLS to whoever trusts it, for its names alone',
    async (algorithm) => {
      const { code, out } = await type('certificate', algorithm, 'generate', ...NAMES, '--organization', 'Example', '--duration', '90d');
      expect(code).toBe(0);
      expect(out).toContain('signed by itself');
      expect(out).toContain('Subject Alternative Names: auth.example.com, *.apps.example.com, 192.0.2.10\n');
      const made = new X509Certificate(pem('public.crt'));
      expect(made.subject).toBe('O=Example\nCN=auth.example.com');
      expect(made.validToDate.getTime() - made.validFromDate.getTime()).toBe(90 * 86_400_000);
      expect([mode('private.pem'), mode('public.crt')]).toEqual(['600', '644']);
      const files = { cert: pem('public.crt'), key: pem('private.pem') };
      expect(await handshake(files, files.cert, 'auth.example.com')).toBe('auth.example.com');
      expect(await handshake(files, files.cert, 'x.apps.example.com')).toBe('auth.example.com');
      expect(await handshake(files, files.cert, 'other.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      if (hasOpenssl)
        expect(openssl('verify', '-CAfile', 'public.crt', '-verify_hostname', 'auth.example.com', 'public.crt')).toBe('public.crt: OK\n');
    },
  );

  it.each([
    ['rsa', 'ecdsa'],
    ['ecdsa', 'ed25519'],
    ['ed25519', 'rsa'],
  ])('an authority of %s signs a certificate of %s', async (of, algorithm) => {
    const names = ['--file.certificate', 'ca.public.crt', '--file.private-key', 'ca.private.pem'];
    expect((await type('certificate', of, 'generate', '--ca', '--common-name', 'Our authority', ...names)).code).toBe(0);
    const signed = await type(
      'certificate',
      algorithm,
      'generate',
      ...NAMES,
      '--path.ca',
      directory,
      '--bundles',
      'chain,privkey-chain',
      '--duration',
      '2y',
    );
    expect(signed.out).toContain('signed by O=Portcullis, CN=Our authority');
    expect(signed.out).toContain('The certificate of the authority ends before');
    const ca = pem('ca.public.crt');
    expect(pem('public.chain.pem')).toBe(pem('public.crt') + ca);
    expect(pem('private.chain.pem')).toBe(pem('private.pem') + pem('public.crt') + ca);
    expect([mode('private.chain.pem'), mode('public.chain.pem')]).toEqual(['600', '644']);
    const files = { cert: pem('public.crt'), key: pem('private.pem') };
    expect(await handshake(files, ca, 'auth.example.com')).toBe('auth.example.com');
    if (hasOpenssl) {
      expect(openssl('verify', '-x509_strict', '-CAfile', 'ca.public.crt', '-purpose', 'sslserver', 'public.crt')).toBe('public.crt: OK\n');
      expect(openssl('x509', '-in', 'public.crt', '-noout', '-text')).toMatch(/CA:FALSE[^]*TLS Web Server Authentication/);
    }
  });

  it.each(['rsa', 'ecdsa', 'ed25519'])('%s: a request asks for the names, and is signed by its key', async (algorithm) => {
    const { code, out } = await type('certificate', algorithm, 'request', ...NAMES, '--country', 'DE');
    expect(code).toBe(0);
    expect(out).toContain(`Certificate Request: ${at('request.csr')}\n`);
    expect(pem('request.csr')).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
    expect(mode('private.pem')).toBe('600');
    if (hasOpenssl) {
      const text = openssl('req', '-in', 'request.csr', '-noout', '-verify', '-text');
      expect(text).toMatch(/verify OK/);
      expect(text.replaceAll(' = ', '=')).toContain('Subject: C=DE, O=Portcullis, CN=auth.example.com\n');
      expect(text).toContain('DNS:auth.example.com, DNS:*.apps.example.com, IP Address:192.0.2.10');
    }
  });

  it('has the times and the usages that are asked for', async () => {
    const times = ['--not-before', '2026-01-01', '--not-after', '1798761600'];
    await type(
      'certificate',
      'ecdsa',
      'generate',
      ...NAMES,
      ...times,
      '--extended-usage',
      'clientauth,serverAuth',
      '-b',
      'P384',
      '--signature',
      'SHA512',
    );
    const made = new X509Certificate(pem('public.crt'));
    expect([made.validFromDate.toISOString(), made.validToDate.toISOString()]).toEqual(['2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
    expect(made.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
  });

  it('is not signed by what is no authority, nor with the key of another', async () => {
    await type('certificate', 'ecdsa', 'generate', ...NAMES);
    const own = [
      '--path.ca',
      directory,
      '--file.ca-certificate',
      'public.crt',
      '--file.ca-private-key',
      'private.pem',
      '--file.certificate',
      'x',
      '--file.private-key',
      'y',
    ];
    expect((await type('certificate', 'ecdsa', 'generate', ...own)).err).toContain('is not the certificate of an authority');
    await type('certificate', 'ecdsa', 'generate', '--ca', '--file.certificate', 'ca.public.crt', '--file.private-key', 'ca.private.pem');
    const mixed = ['--path.ca', directory, '--file.ca-private-key', 'private.pem', '--file.certificate', 'x', '--file.private-key', 'y'];
    expect((await type('certificate', 'ecdsa', 'generate', ...mixed)).err).toContain('is not the key of');
    expect((await type('certificate', 'ecdsa', 'generate', '--path.ca', at('none'))).err).toContain('ca.public.crt cannot be read');
    expect([existsSync(at('x')), existsSync(at('y'))]).toEqual([false, false]);
  });

  it.each([
    [['--curve', 'P224'], 'P224 is for key pairs alone'],
    [['--duration', 'soon'], '--duration: '],
    [['--not-before', 'yesterday'], 'is no date'],
    [['--not-before', '2026-01-02', '--not-after', '2026-01-01'], 'ends after it begins'],
    [['--extended-usage', 'all'], 'is not one of serverAuth'],
    [['--bundles', 'all'], 'is not one of chain, privkey-chain'],
    [['--signature', 'SHA1'], 'Allowed choices are SHA256, SHA384, SHA512'],
  ])('%j is typed wrongly', async (flags, says) => {
    const { code, err } = await type('certificate', 'ecdsa', 'generate', ...flags);
    expect([code, err.includes(says), existsSync(at('private.pem'))]).toEqual([2, true, false]);
  });
});
