import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answers } from './init-answers.js';

interface Proxy {
  /** Whether its file names certificates; one that gets them itself does not. */
  readonly certificates: boolean;
  /** The file that is included, beside copies of those of deploy/: its name, its text, and the command that takes it. */
  readonly file: string;
  readonly text: (answers: Answers, folder: string) => string;
  readonly next: (file: string) => string;
}

const SHIPPED = fileURLToPath(new URL('../../../deploy/', import.meta.url));

/** The example of deploy/haproxy, which is what the file is made of. */
const EXAMPLE = 'portcullis.cfg';

export const PROXIES = {
  nginx: {
    certificates: true,
    file: 'sites.conf',
    text: nginxSites,
    next: (file) => `nginx: write  include ${file};  inside http { }, then type: nginx -t && nginx -s reload`,
  },
  haproxy: {
    certificates: false,
    file: 'haproxy.cfg',
    text: haproxyConfiguration,
    next: (file) => `haproxy: put the certificates into /etc/haproxy/certs/, then type: haproxy -c -f ${file} && haproxy -f ${file}`,
  },
  caddy: { certificates: false, file: 'Caddyfile', text: caddyfile, next: (file) => `caddy run --config ${file} --adapter caddyfile` },
} as const satisfies Readonly<Record<string, Proxy>>;

export type ProxyName = keyof typeof PROXIES;

/** Those whose files are here. */
export const shippedProxies = (): readonly ProxyName[] => (Object.keys(PROXIES) as ProxyName[]).filter((name) => existsSync(join(SHIPPED, name)));

/** The files for a proxy by their names: what deploy/ holds, asked at our address, and the one to include. */
export function proxyFiles(name: ProxyName, answers: Answers, folder: string): ReadonlyMap<string, string> {
  const shipped = readdirSync(join(SHIPPED, name)).filter((file) => file.startsWith('portcullis') && file !== EXAMPLE);
  const atGate = (file: string): string => atAddress(readFileSync(join(SHIPPED, name, file), 'utf8'), answers);
  const { file, text } = PROXIES[name];
  return new Map([...shipped.map((each) => [each, atGate(each)] as const), [file, text(answers, folder)]]);
}

const atAddress = (text: string, { gate }: Answers): string => text.replaceAll(/\b(?:localhost|127\.0\.0\.1):9091\b/gu, gate);

function nginxSites({ portal, site, backend, certificate, certificateKey }: Answers, folder: string): string {
  const server = (host: string, lines: readonly string[]): string =>
    [
      'server {',
      '    listen 443 ssl;',
      `    server_name ${host};`,
      `    ssl_certificate "${certificate}";`,
      `    ssl_certificate_key "${certificateKey}";`,
      ...lines.map((line) => (line === '' ? '' : `    ${line}`)),
      '}',
    ].join('\n');
  return `# Include this file once inside http { }. A further site is a copy of the last block with another name and proxy_pass.
include "${folder}/portcullis-http.conf";

${server(portal, [`include "${folder}/portcullis-portal.conf";`])}

${server(site, [
  `include "${folder}/portcullis-server.conf";`,
  '',
  'location / {',
  `    include "${folder}/portcullis-location.conf";`,
  `    proxy_pass ${backend};`,
  '}',
])}
`;
}

function caddyfile({ portal, site, backend }: Answers, folder: string): string {
  return `# A further site is a copy of the last block with another name and reverse_proxy.
import "${folder}/portcullis.caddy"

${portal} {
	import portal
}

${site} {
	import protected
	reverse_proxy ${backend.replace('http://', '')}
}
`;
}

/** A whole configuration to begin with: what deploy/haproxy shows, with the names of this installation. */
function haproxyConfiguration(answers: Answers, folder: string): string {
  const { portal, site, backend } = answers;
  return atAddress(readFileSync(join(SHIPPED, 'haproxy', EXAMPLE), 'utf8'), answers)
    .replaceAll('/etc/haproxy/portcullis.lua', `${folder}/portcullis.lua`)
    .replaceAll('auth.example.com', portal)
    .replaceAll('nextcloud.example.com', site)
    .replaceAll('127.0.0.1:8080', backend.replace('http://', ''))
    .replaceAll(/\bnextcloud\b/gu, 'application');
}
