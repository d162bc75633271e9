import type { TelemetryConfiguration } from '@portcullis/contracts-configuration';
import { authority, type Pair, signedBy } from '@portcullis/platform-tls/testing';
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { checkServices } from './doctor-services.js';

let ca: Pair;
let pair: Pair;
beforeAll(async () => {
  ca = await authority('An authority');
  pair = await signedBy(ca);
});
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function gate(options: ServerOptions, clientCertificates: readonly string[], body = '{"status":"ready"}'): Promise<string> {
  const server = createServer({ cert: pair.cert, key: pair.key, ...options }, (_, res) => res.end(body)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tls = { certificate: 'c', key: 'k', clientCertificates, minVersion: 'TLSv1.2' } as const;
  const listen = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const [found] = await checkServices({ listen, tls }, { addresses: {} } as unknown as TelemetryConfiguration);
  return JSON.stringify(found).replaceAll(String(port), 'PORT');
}

it('a gate that ends TLS itself is asked over TLS', async () => {
  expect(await gate({}, [])).toContain('ready on 127.0.0.1:PORT');
  expect(await gate({}, [], 'hello')).toContain('held by something else');
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)('one that asks for certificates is found to listen (%s)', async (maxVersion) => {
  const asks = { requestCert: true, rejectUnauthorized: true, ca: ca.cert, maxVersion };
  expect(await gate(asks, ['ca.pem'])).toContain('answers only who shows a certificate');
});
