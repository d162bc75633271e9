import { z } from 'zod';
import { address, between, durationMs, flag, positive, SECOND_MS, text, texts, type RawAddress } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import { readVersions } from './tls.js';
import type { ListenAddress, ServerConfiguration, ServerTlsConfiguration } from './values.js';

const tls = z.object({ certificate: text, key: text, client_certificates: texts, minimum_version: text, maximum_version: text });

const schema = z.object({
  server: z
    .object({
      address,
      disable_healthcheck: flag,
      trusted_proxies: texts,
      share_port: flag,
      drain_delay: durationMs,
      tls: tls.optional(),
      buffers: z.object({ read: between(0) }).optional(),
      timeouts: z.object({ read: durationMs, write: durationMs, idle: durationMs }).optional(),
    })
    .optional(),
});

/** Node's own default: a browser that is signed in to several applications sends more than the 4 KiB of old. */
const HEAD_LIMIT_BYTES = 16_384;

/** `server`: where the gateway listens, and whom it believes. `trusted_proxies`, `share_port` and `drain_delay` are ours. */
export const serverSection: Section<ServerConfiguration> = defineSection(schema, ({ server = {} }, report) => {
  const trustedProxies = server.trusted_proxies ?? [];
  checkTrustedProxies(trustedProxies, report);
  return {
    listen: listenAddress(server.address, report),
    pathPrefix: pathPrefix(server.address?.path ?? '', report),
    trustedProxies,
    sharePort: server.share_port ?? false,
    drainDelayMs: server.drain_delay ?? 0,
    healthcheckDisabled: server.disable_healthcheck ?? server.address?.socketPath != null,
    headLimitBytes: positive(server.buffers?.read, HEAD_LIMIT_BYTES),
    readTimeoutMs: positive(server.timeouts?.read, 6 * SECOND_MS),
    writeTimeoutMs: positive(server.timeouts?.write, 6 * SECOND_MS),
    idleTimeoutMs: positive(server.timeouts?.idle, 30 * SECOND_MS),
    tls: readServerTls(server.tls ?? {}, server.address?.socketPath != null, report),
  };
});

function listenAddress(address: RawAddress | undefined, report: Report): ListenAddress {
  if (address?.socketPath != null) return { kind: 'unix', path: address.socketPath, umask: address.umask };
  const scheme = address?.scheme ?? 'tcp';
  if (scheme === 'fd')
    report.error('server.address', 'server.address: listening on an inherited descriptor (fd) is not there yet', 'write tcp://:9091/');
  else if (!scheme.startsWith('tcp')) report.error('server.address', `server.address must be tcp or unix, not ${scheme}`, 'write tcp://:9091/');
  const every = { tcp4: '0.0.0.0', tcp6: '::' }[scheme] ?? '';
  return { kind: 'tcp', host: address === undefined || address.host === '' ? every : address.host, port: address?.port ?? 9091 };
}

/** `server.tls`: certificate and key, both or none; `client_certificates` are the authorities of the clients. */
function readServerTls(raw: z.output<typeof tls>, isSocket: boolean, report: Report): ServerTlsConfiguration | null {
  const { certificate = '', key = '', client_certificates: clientCertificates = [] } = raw;
  if (certificate === '' && key === '') {
    if (clientCertificates.length > 0) {
      report.error(
        'server.tls.client_certificates',
        'server.tls.client_certificates asks clients for certificates, but there is no server.tls.certificate: the listener would answer in the clear',
        'set server.tls.certificate and server.tls.key as well',
      );
    }
    return null;
  }
  if (certificate === '' || key === '') {
    report.error('server.tls', 'server.tls.certificate and server.tls.key belong together', 'set both or neither');
    return null;
  }
  for (const [name, value] of [
    ['certificate', certificate],
    ['key', key],
  ] as const) {
    if (!value.includes('-----BEGIN')) continue;
    report.error(
      `server.tls.${name}`,
      `server.tls.${name} is the path of a PEM file, not what is in it`,
      `write the path, for instance /config/${name}.pem`,
    );
  }
  if (isSocket) {
    report.warning(
      'server.tls',
      'server.tls has no effect on a unix socket: only who may open it can listen there',
      'remove it, or listen on tcp://',
    );
    return null;
  }
  return { certificate, key, clientCertificates, ...readVersions(raw, 'server.tls', report) };
}

function pathPrefix(path: string, report: Report): string {
  if (path === '' || path === '/') return '';
  if (/^\/[A-Za-z0-9]+$/u.test(path)) return path;
  report.error(
    'server.address',
    `the path '${path}' of server.address must be one segment of letters and digits, without a slash behind it`,
    'write for instance tcp://:9091/authelia',
  );
  return '';
}

function checkTrustedProxies(networks: readonly string[], report: Report): void {
  networks.forEach((network, index) => {
    const path = `server.trusted_proxies[${index}]`;
    if (!isNetwork(network)) {
      report.error(path, `'${network}' is neither an address nor a network`, 'write for instance 10.0.0.0/8');
    } else if (/\/0$/u.test(network)) {
      report.warning(
        path,
        `server.trusted_proxies ${network} believes whatever anybody sends in X-Forwarded-For: bans and network rules are then worth nothing`,
        'name the addresses of your proxies alone',
      );
    }
  });
}

/** An IPv4 or IPv6 address, or a network in CIDR form. */
function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/');
  const octets = address.split('.');
  const isIpv4 = octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/u.test(octet) && Number(octet) <= 255);
  const isIpv6 = /^[0-9a-f:.]+$/iu.test(address) && URL.canParse(`http://[${address}]`);
  return rest.length === 0 && (isIpv4 || isIpv6) && /^\d{1,3}$/u.test(bits) && Number(bits) <= (isIpv4 ? 32 : 128);
}
