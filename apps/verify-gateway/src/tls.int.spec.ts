import type { Logger } from '@portcullis/platform-telemetry';
import { createRegistry } from '@portcullis/platform-telemetry';
import { authority, pemDirectory, signedBy, type Pair } from '@portcullis/platform-tls/testing';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Gateway } from './gateway.fixture.js';
import { followTls, openTls } from './tls.js';

const files = pemDirectory();
let ca: Pair;
let clients: Pair;
let otherClients: Pair;
let right: Pair;
let wrong: Pair;
beforeAll(async () => {
  [ca, clients, otherClients] = await Promise.all([authority('Servers'), authority('Clients'), authority('Other clients')]);
  [right, wrong] = await Promise.all([signedBy(clients, 'proxy'), signedBy(otherClients, 'proxy')]);
});
const open: Opened[] = [];
afterEach(async () => {
  for (const { gateway, stop, agent } of open.splice(0)) {
    stop.abort();
    agent.destroy();
    await gateway.stop();
  }
});
afterAll(() => {
  files.remove();
});

interface Opened {
  readonly gateway: Gateway;
  readonly stop: AbortController;
  readonly agent: Agent;
  readonly said: string[];
  readonly registry: ReturnType<typeof createRegistry>;
}

const writePair = ({ cert, key }: Pair): void => {
  files.write('cert.pem', cert);
  files.write('key.pem', key);
};

/** A gate behind the pair and the authorities that lie in the files, following them. */
async function listening(change: { readonly clientCertificates?: readonly string[]; readonly minVersion?: 'TLSv1.3' } = {}): Promise<Opened> {
  const settings = {
    certificate: files.path('cert.pem'),
    key: files.path('key.pem'),
    clientCertificates: [],
    minVersion: 'TLSv1.2',
    ...change,
  } as const;
  const said: string[] = [];
  const say = (message: string, fields: object = {}): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { error: say, warn: say, info: say } as unknown as Logger;
  const first = openTls(settings, logger);
  if (first === null) throw new Error(said.join('\n'));
  const gateway = await Gateway.start({ tls: first });
  const stop = new AbortController();
  const registry = createRegistry({ service: 'verify-gateway', version: '0' });
  await followTls({ settings, first, listener: gateway.listener, logger, registry, signal: stop.signal });
  const opened = { gateway, stop, agent: new Agent({ keepAlive: true, maxSockets: 1, ca: ca.cert }), said, registry };
  open.push(opened);
  return opened;
}

const PROXY = {
  Host: 'auth.example.com',
  'X-Forwarded-Host': 'one.example.com',
  'X-Forwarded-URI': '/',
  'X-Forwarded-Method': 'GET',
  'X-Forwarded-For': '203.0.113.7',
};

/** One verify; `connection` is the number of its socket's local port. */
async function verify({ gateway, agent }: Opened, options: RequestOptions & { readonly session?: string } = {}) {
  const { session, ...rest } = options;
  const headers = { ...PROXY, ...(session === undefined ? {} : { Cookie: `authelia_session=${session}` }), ...(rest.headers as object) };
  const outgoing = request({
    ...{ host: '127.0.0.1', servername: 'localhost', port: gateway.port, path: '/api/authz/forward-auth', agent, ca: ca.cert },
    ...rest,
    headers,
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const socket = incoming.socket as TLSSocket;
  const [serial, port] = [socket.getPeerCertificate().serialNumber, socket.localPort];
  await text(incoming);
  return { status: incoming.statusCode, location: incoming.headers.location, serial, port };
}

/** A handshake alone: how it ended once both sides had their say. */
async function shake({ gateway }: Opened, options: ConnectionOptions = {}): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', servername: 'localhost', port: gateway.port, ca: ca.cert, ...options });
  try {
    await once(socket, 'secureConnect');
    socket.write('GET /api/health HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\n\r\n');
    return (await text(socket)).split('\r\n')[0] || 'closed';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

const until = (fits: () => void | Promise<void>): Promise<void> => vi.waitFor(fits, { timeout: 10_000, interval: 50 });

describe('over TLS', () => {
  it('a verify is answered, and a target without X-Forwarded-Proto came over https', async () => {
    writePair(await signedBy(ca));
    const opened = await listening();
    const session = await opened.gateway.session.signedIn('bob');
    expect((await verify(opened, { session })).status).toBe(200);
    expect((await verify(opened)).location).toContain(`rd=${encodeURIComponent('https://one.example.com/')}`);
    const legacy = await verify(opened, { path: '/api/verify?rd=https%3A%2F%2Fauth.example.com' });
    expect(legacy.location).toContain(encodeURIComponent('https://one.example.com/'));
    expect((await verify(opened, { session, headers: { 'X-Forwarded-Proto': 'http' } })).status).toBe(400);
  });

  it('the portal is reached over https where no proxy says otherwise', async () => {
    writePair(await signedBy(ca));
    const opened = await listening();
    const { Host } = PROXY;
    const signIn = (headers: object) => {
      const body = JSON.stringify({ username: 'bob', password: "bob's password", keepMeLoggedIn: false });
      const outgoing = request({
        ...{ host: '127.0.0.1', servername: 'localhost', port: opened.gateway.port, path: '/api/firstfactor', method: 'POST', ca: ca.cert },
        headers: { Host, Origin: `https://${Host}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers },
      });
      outgoing.end(body);
      return once(outgoing, 'response').then(([incoming]) => (incoming as IncomingMessage).statusCode);
    };
    expect(await signIn({})).toBe(200);
    expect(await signIn({ 'X-Forwarded-Proto': 'http' })).toBe(400);
  });

  it('the same limits hold: heads too large, too many headers, plain text', async () => {
    writePair(await signedBy(ca));
    const opened = await listening();
    expect((await verify(opened, { headers: { 'X-Large': 'x'.repeat(9000) } })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`X-${index}`, '1']));
    expect((await verify(opened, { headers: many })).status).toBe(431);
    const socket = connect(opened.gateway.port, '127.0.0.1');
    socket.write('GET /api/health HTTP/1.1\r\nHost: auth.example.com\r\n\r\n');
    expect(await text(socket).catch(() => '')).not.toContain('200');
    await until(() => {
      expect(opened.said).toEqual([expect.stringMatching(/^A TLS handshake failed .*ERR_SSL_HTTP_REQUEST/)]);
    });
  });

  it('the oldest version is the configured one', async () => {
    writePair(await signedBy(ca));
    const opened = await listening({ minVersion: 'TLSv1.3' });
    expect(await shake(opened)).toBe('HTTP/1.1 200 OK');
    expect(await shake(opened, { maxVersion: 'TLSv1.2' })).toMatch(/PROTOCOL_VERSION/);
  });
});

describe('with authorities of clients', () => {
  it.each([undefined, 'TLSv1.2'] as const)('only a client with a certificate of one of them is answered (%s)', async (maxVersion) => {
    writePair(await signedBy(ca));
    files.write('clients.pem', clients.cert);
    const opened = await listening({ clientCertificates: [files.path('clients.pem')] });
    const options = maxVersion === undefined ? {} : { maxVersion };
    expect(await shake(opened, { ...options, ...right })).toBe('HTTP/1.1 200 OK');
    expect(await shake(opened, options)).not.toContain('HTTP/1.1');
    expect(await shake(opened, { ...options, ...wrong })).not.toContain('HTTP/1.1');
    await until(async () => {
      expect(await opened.registry.metrics()).toMatch(/portcullis_tls_handshake_failures_total\S* 2/);
    });
    expect(opened.said).toEqual([expect.stringMatching(/^A TLS handshake failed .*127\.0\.0\.1/)]);
  });

  it('a session that was begun under an authority of before opens nothing once that is replaced', async () => {
    writePair(await signedBy(ca));
    files.write('clients.pem', clients.cert);
    const opened = await listening({ clientCertificates: [files.path('clients.pem')] });
    const socket = connectTls({ host: '127.0.0.1', servername: 'localhost', port: opened.gateway.port, ca: ca.cert, ...right });
    const ticket = once(socket, 'session') as Promise<[Buffer]>;
    await once(socket, 'secureConnect');
    const [session] = await ticket;
    socket.destroy();
    const again = connectTls({ host: '127.0.0.1', servername: 'localhost', port: opened.gateway.port, ca: ca.cert, ...right, session });
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(true);
    again.destroy();
    files.write('clients.pem', otherClients.cert);
    await until(async () => {
      expect(await shake(opened, wrong)).toBe('HTTP/1.1 200 OK');
    });
    expect(await shake(opened, { session })).not.toContain('HTTP/1.1');
    expect(await shake(opened, { ...right, session })).not.toContain('HTTP/1.1');
  });
});

describe('files that change', () => {
  it('are taken by new connections while those that are open go on', async () => {
    writePair(await signedBy(ca));
    const opened = await listening();
    const before = await verify(opened);
    writePair(await signedBy(ca));
    await until(async () => {
      expect((await verify(opened, { agent: false })).serial).not.toBe(before.serial);
    });
    const after = await verify(opened);
    expect([after.port, after.serial]).toEqual([before.port, before.serial]);
    expect(opened.said).toEqual([expect.stringMatching(/^The files of server\.tls were read again/)]);
  });

  it('that do not belong together change nothing and say so, until they do', async () => {
    writePair(await signedBy(ca));
    const opened = await listening();
    const { serial } = await verify(opened, { agent: false });
    const next = await signedBy(ca);
    files.write('cert.pem', next.cert);
    await until(() => {
      expect(opened.said).toEqual([expect.stringMatching(/cannot be used: those before stay in force .*is not the key of the certificate/)]);
    });
    expect((await verify(opened, { agent: false })).serial).toBe(serial);
    files.write('key.pem', next.key);
    await until(async () => {
      expect((await verify(opened, { agent: false })).serial).not.toBe(serial);
    });
  });
});
