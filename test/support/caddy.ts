import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { needs } from './config.js';
import { freePorts } from './free-port.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export interface RunningCaddy extends RunningProcess {
  /** Where sites with `http://` in their address listen. */
  readonly httpPort: number;
  /** Where sites without a port listen. */
  readonly httpsPort: number;
  /** The certificate (PEM file) of the authority that signs sites without a `tls` line; there after the first of them was asked for. */
  readonly caFile: string;
}

export interface CaddyOptions {
  /** Lines for the global block. */
  readonly globals?: string;
}

interface SecureSite {
  readonly host: string;
  readonly port: number;
}

/** The addresses at the head of the sites' blocks that are served over TLS. */
function secureSites(sites: string, httpsPort: number): readonly SecureSite[] {
  const addresses = [...sites.matchAll(/^([^\s(#{}][^{}\n]*?)\s*\{$/gm)].flatMap(([, heads = '']) => heads.split(/[\s,]+/));
  return addresses
    .map((address) => /^(?:https:\/\/)?([a-z0-9*.-]+)(?::(\d+))?$/i.exec(address))
    .flatMap((match) => (match?.[1] === undefined ? [] : [{ host: match[1].replace('*', 'any'), port: Number(match[2] ?? httpsPort) }]));
}

/** Caddy issues its certificates after it has begun to serve. */
async function shakesHands({ host, port }: SecureSite): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return true;
  } finally {
    socket.destroy();
  }
}

/** A real Caddy with these sites (a Caddyfile without global block). Certificates are its own; nothing is fetched, asked for or written outside its directory. */
export async function startCaddy(sites: string, { globals = '' }: CaddyOptions = {}): Promise<RunningCaddy> {
  const dir = tempDir('caddy');
  const httpPort = await freePorts(2);
  const httpsPort = httpPort + 1;
  const global = [
    'admin off',
    'local_certs',
    'skip_install_trust',
    'auto_https disable_redirects',
    `http_port ${httpPort}`,
    `https_port ${httpsPort}`,
    globals,
  ];
  const file = join(dir, 'Caddyfile');
  writeFileSync(file, `{\n\t${global.join('\n\t')}\n}\n${sites}\n`);
  const running = await startProcess(needs('caddy'), ['run', '--config', file, '--adapter', 'caddyfile'], {
    cwd: dir,
    env: { HOME: dir, XDG_CONFIG_HOME: join(dir, 'config'), XDG_DATA_HOME: join(dir, 'data') },
    ready: async ({ logs }) => {
      if (!logs().includes('serving initial configuration')) return false;
      await Promise.all(secureSites(sites, httpsPort).map(shakesHands));
      return true;
    },
  });
  return { ...running, httpPort, httpsPort, caFile: join(dir, 'data/caddy/pki/authorities/local/root.crt') };
}
