import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import {
  certificates,
  freePort,
  http,
  root,
  type RunningProcess,
  startCaddy,
  startHaproxy,
  startNginx,
  startProcess,
  tempDir,
  untilListening,
} from '../support/index.js';

export interface Front {
  /** `https://127.0.0.1:port`: every host is served there. */
  readonly base: string;
  readonly port: number;
  readonly logs: () => string;
  /** The authority of its certificates (PEM); Caddy's is there after the first of its sites was asked for. */
  readonly caFile: string;
}

export interface Site {
  /** `http://127.0.0.1:port` of the application. */
  readonly backend: string;
}

export interface FrontOptions {
  /** Port of the gate. */
  readonly gate: number;
  /** The portal's host. */
  readonly portal: string;
  /** What is protected, by host. */
  readonly sites: Readonly<Record<string, Site>>;
  /** Where the configuration names no portal, the proxy does: the line that deploy/README tells to change. */
  readonly namesPortal?: boolean;
}

/** The files that are shipped for a proxy, with the gate's address and, where asked for, the portal's in the place of the examples. */
function shipped(
  kind: 'nginx' | 'caddy' | 'haproxy' | 'envoy' | 'traefik',
  { gate, portal, namesPortal = false }: FrontOptions,
): Readonly<Record<string, string>> {
  const folder = join(root, 'deploy', kind);
  const portalQuery = namesPortal ? `?authelia_url=https://${portal}` : '';
  const names = readdirSync(folder).filter((name) => name.startsWith('portcullis'));
  return Object.fromEntries(
    names.map((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
        .replaceAll(/\b(?:localhost|127\.0\.0\.1):9091\b/g, `127.0.0.1:${gate}`)
        .replace(/(map \$host \$portcullis_portal \{\s*default )""/, `$1"${portalQuery}"`)
        .replace('uri /api/authz/forward-auth\n', `uri /api/authz/forward-auth${portalQuery}\n`);
      return [name, text];
    }),
  );
}

/** nginx with the files of deploy/nginx: a server for each site, one for the portal. */
export async function nginxFront(options: FrontOptions): Promise<Front> {
  const port = await freePort();
  const { certFile, keyFile, caFile } = await certificates();
  const server = (host: string, lines: string): string => `
    server {
      listen 127.0.0.1:${port} ssl;
      server_name ${host};
      ssl_certificate ${certFile};
      ssl_certificate_key ${keyFile};
      ${lines}
    }`;
  const site = ({ backend }: Site): string => `
      include portcullis-server.conf;
      location / {
        include portcullis-location.conf;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_pass ${backend};
      }`;
  const block = [
    'include portcullis-http.conf;',
    'map $http_upgrade $connection_upgrade { default upgrade; "" close; }',
    server(options.portal, 'include portcullis-portal.conf;'),
    ...Object.entries(options.sites).map(([host, each]) => server(host, site(each))),
  ];
  const { logs } = await startNginx(block.join('\n'), { files: shipped('nginx', options) });
  return { base: `https://127.0.0.1:${port}`, port, logs, caFile };
}

/** The file of deploy/caddy, to be imported by this path. */
export function caddySnippets(options: FrontOptions): string {
  const dir = tempDir('deploy-caddy');
  for (const [name, text] of Object.entries(shipped('caddy', options))) writeFileSync(join(dir, name), text);
  return join(dir, 'portcullis.caddy');
}

/** Caddy with the file of deploy/caddy. */
export async function caddyFront(options: FrontOptions): Promise<Front> {
  const sites = Object.entries(options.sites).map(
    ([host, { backend }]) => `${host} {\n\timport protected\n\timport protected_away\n\treverse_proxy ${backend.replace('http://', '')}\n}`,
  );
  return asFront(await startCaddy([`import ${caddySnippets(options)}`, ...sites, `${options.portal} {\n\timport portal\n}`].join('\n')));
}

/** HAProxy with the files of deploy/haproxy: the example's names, addresses and certificate replaced, a backend for each site. */
export async function haproxyFront(options: FrontOptions): Promise<Front> {
  const port = await freePort();
  const { cert, key, caFile } = await certificates();
  const { 'portcullis.cfg': example = '', ...files } = shipped('haproxy', options);
  const site = ([host, { backend }]: readonly [string, Site]): string =>
    `backend ${host}\n    server application ${backend.replace('http://', '')}\n`;
  const configuration = example
    .replace('bind :443 ssl crt /etc/haproxy/certs/', `bind 127.0.0.1:${port} ssl crt @DIR@/site.pem`)
    .replace('/etc/haproxy/portcullis.lua', '@DIR@/portcullis.lua')
    .replaceAll('auth.example.com', options.portal)
    .replace(/^ *use_backend nextcloud .*$/m, `    use_backend %[req.hdr(host),field(1,:),lower]`)
    .replace(/^backend nextcloud[^]*$/m, Object.entries(options.sites).map(site).join('\n'));
  const { logs } = await startHaproxy(configuration, { port, files: { ...files, 'site.pem': `${cert}\n${key}` } });
  return { base: `https://127.0.0.1:${port}`, port, logs, caFile };
}

/** An Envoy with the file of deploy/envoy: the example's names, addresses and certificate replaced, a cluster for each site. */
export const envoyFront =
  (envoy: string) =>
  async (options: FrontOptions): Promise<Front> => {
    const port = await freePort();
    const { certFile, keyFile, caFile } = await certificates();
    const { 'portcullis.yaml': example = '' } = shipped('envoy', options);
    const configuration = parse(example) as EnvoyConfiguration;
    const { listeners, clusters } = configuration.static_resources;
    const [listener] = listeners;
    const [gate, nextcloud] = clusters;
    if (!listener || !gate || !nextcloud) throw new Error('deploy/envoy/portcullis.yaml has another shape than its tests know');
    const [chain] = listener.filter_chains;
    const [virtualPortal, virtualSite] = chain?.filters[0]?.typed_config.route_config.virtual_hosts ?? [];
    if (!chain || !virtualPortal || !virtualSite) throw new Error('deploy/envoy/portcullis.yaml has other hosts than its tests know');
    listener.address = addressOf('127.0.0.1', port);
    const [pair] = chain.transport_socket.typed_config.common_tls_context.tls_certificates;
    Object.assign(pair ?? {}, { certificate_chain: { filename: certFile }, private_key: { filename: keyFile } });
    gate.load_assignment = endpointOf('portcullis', options.gate);
    virtualPortal.domains = [options.portal];
    const sites = Object.entries(options.sites);
    const renamed = <T extends object>(each: T, host: string): T =>
      JSON.parse(JSON.stringify(each).replaceAll('nextcloud', host.replaceAll('.', '-'))) as T;
    for (const filter of chain.filters)
      filter.typed_config.route_config.virtual_hosts = [
        virtualPortal,
        ...sites.map(([host]) => ({ ...renamed(virtualSite, host), domains: [host] })),
      ];
    configuration.static_resources.clusters = [
      gate,
      ...sites.map(([host, { backend }]) => ({
        ...renamed(nextcloud, host),
        load_assignment: endpointOf(host.replaceAll('.', '-'), Number(new URL(backend).port)),
      })),
    ];
    const file = join(tempDir('envoy'), 'envoy.yaml');
    writeFileSync(file, stringify(configuration));
    const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'];
    const ready = async (): Promise<boolean> => {
      await untilListening(port, { timeoutMs: 1000 });
      return true;
    };
    const { logs } = await startProcess(envoy, args, { name: 'envoy', ready, readyTimeoutMs: 30_000 });
    return { base: `https://127.0.0.1:${port}`, port, logs, caFile };
  };

/** Of the shipped file, what the tests replace. */
interface EnvoyConfiguration {
  readonly static_resources: {
    readonly listeners: readonly {
      address: object;
      readonly filter_chains: readonly {
        readonly transport_socket: { readonly typed_config: { readonly common_tls_context: { readonly tls_certificates: readonly object[] } } };
        readonly filters: readonly { readonly typed_config: { readonly route_config: { virtual_hosts: { domains: readonly string[] }[] } } }[];
      }[];
    }[];
    clusters: { load_assignment: object }[];
  };
}

const addressOf = (address: string, port: number): object => ({ socket_address: { address, port_value: port } });
const endpointOf = (cluster: string, port: number): object => ({
  cluster_name: cluster,
  endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf('127.0.0.1', port) } }] }],
});

/** A Traefik with the file of deploy/traefik as its file provider: the example's names and addresses replaced, a router and a service for each site. */
export const traefikFront =
  (traefik: string) =>
  async (options: FrontOptions): Promise<Front> => {
    const port = await freePort();
    const { certFile, keyFile, caFile } = await certificates();
    const { 'portcullis.yml': example = '' } = shipped('traefik', options);
    const configuration = parse(example.replaceAll('auth.example.com', options.portal)) as TraefikConfiguration;
    const { routers, services } = configuration.http;
    const { nextcloud: router, ...otherRouters } = routers;
    const sites = Object.entries(options.sites).map(([host, { backend }]) => ({ name: host.replaceAll('.', '-'), host, backend }));
    configuration.http.routers = {
      ...otherRouters,
      ...Object.fromEntries(sites.map(({ name, host }) => [name, { ...router, rule: `Host(\`${host}\`)`, service: name }])),
    };
    configuration.http.services = {
      ...services,
      ...Object.fromEntries(sites.map(({ name, backend }) => [name, { loadBalancer: { servers: [{ url: backend }] } }])),
    };
    const file = join(tempDir('traefik'), 'portcullis.yml');
    const tls = { stores: { default: { defaultCertificate: { certFile, keyFile } } } };
    writeFileSync(file, stringify({ ...configuration, tls }));
    const args = [
      `--entryPoints.websecure.address=127.0.0.1:${port}`,
      `--providers.file.filename=${file}`,
      '--log.level=INFO',
      '--global.checkNewVersion=false',
      '--global.sendAnonymousUsage=false',
    ];
    const ready = async (): Promise<boolean> => {
      // Until its file is read, and the gate is seen to be healthy, every site is a 404 or a 503.
      const { status } = await http(`https://127.0.0.1:${port}`, { path: '/', headers: { Host: options.portal }, timeoutMs: 1000 });
      return status < 404;
    };
    const { logs } = await startProcess(traefik, args, { name: 'traefik', ready, readyTimeoutMs: 30_000 });
    return { base: `https://127.0.0.1:${port}`, port, logs, caFile };
  };

/** Of the shipped file, what the tests replace. */
interface TraefikConfiguration {
  readonly http: { routers: Record<string, object>; services: Record<string, object> };
}

/** A Caddyfile as somebody else wrote it. */
export const caddyFileFront = async (caddyfile: string): Promise<Front> => asFront(await startCaddy(caddyfile));

const asFront = ({ httpsPort, logs, caFile }: RunningProcess & { readonly httpsPort: number; readonly caFile: string }): Front => ({
  base: `https://127.0.0.1:${httpsPort}`,
  port: httpsPort,
  logs,
  caFile,
});
