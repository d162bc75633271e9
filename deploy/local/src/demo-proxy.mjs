import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ask } from './ask.mjs';
import { guarded } from './child.mjs';
import { DOMAIN, PROTECTED_HOSTS, appUrl } from './demo-config.mjs';
import { findPart, getPart } from './parts.mjs';
import { hasIpv6Loopback } from './ports.mjs';
import { startStandInProxy } from './stand-in-proxy.mjs';
import { inRoot, writeText } from './workspace.mjs';

const ANSWER_MS = 1000;
const SHIPPED_GATE = /\b(localhost|127\.0\.0\.1):9091\b/g;

/** deploy/caddy's own snippets in front of the portal and the two pages. */
export const caddyfile = ({ ports, addresses }) => `{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
import portcullis.caddy
http://auth.${DOMAIN}:${ports.proxy} {
	bind ${addresses.join(' ')}
	import portal
}
${PROTECTED_HOSTS.map((host) => `http://${host}:${ports.proxy}`).join(', ')} {
	bind ${addresses.join(' ')}
	import protected
	reverse_proxy 127.0.0.1:${ports.backend}
}
http://mail.${DOMAIN}:${ports.proxy} {
	bind ${addresses.join(' ')}
	reverse_proxy 127.0.0.1:${ports.backend}
}
http://:${ports.proxy} {
	bind ${addresses.join(' ')}
	redir ${appUrl(ports.proxy)}
}
`;

/** deploy/nginx's own snippets, the same. */
export const nginxConf = ({ dir, ports, addresses }) => {
  const listen = (rest = '') => addresses.map((address) => `    listen ${address}:${ports.proxy}${rest};`).join('\n');
  return `daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr error;
events { worker_connections 512; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  include portcullis-http.conf;
  server {
${listen()}
    server_name auth.${DOMAIN};
    include portcullis-portal.conf;
  }
  server {
${listen()}
    server_name ${PROTECTED_HOSTS.join(' ')};
    include portcullis-server.conf;
    location / {
      include portcullis-location.conf;
      proxy_pass http://127.0.0.1:${ports.backend};
    }
  }
  server {
${listen()}
    server_name mail.${DOMAIN};
    location / {
      proxy_pass http://127.0.0.1:${ports.backend};
      proxy_set_header Host $host;
      proxy_buffering off;
    }
  }
  server {
${listen(' default_server')}
    server_name _;
    return 302 ${appUrl(ports.proxy)};
  }
}
`;
};

/** true, or why the proxy does not pass a question to the gate yet. */
async function answersThrough(port) {
  try {
    await ask(`http://127.0.0.1:${port}/api/health`, ANSWER_MS);
    return true;
  } catch {
    return 'starting';
  }
}

/** Copies what deploy/<kind> ships into `dir`, with the gate's port in the place of 9091. */
function copySnippets(kind, dir, ports) {
  mkdirSync(dir, { recursive: true });
  cpSync(inRoot('deploy', kind), dir, { recursive: true });
  const names = kind === 'caddy' ? ['portcullis.caddy'] : ['portcullis-http.conf'];
  for (const name of names) {
    const file = path.join(dir, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(SHIPPED_GATE, `127.0.0.1:${ports.gateway}`));
  }
}

/**
 * The demonstration's proxy: Caddy or nginx where one is there, Caddy where it can be got, else the stand-in. Resolves to its
 * name and either the spec of a process or, for the stand-in, what closes it.
 */
export async function demoProxy(terminal, { dir, ports }) {
  const kind = findPart('caddy') ? 'caddy' : findPart('nginx') ? 'nginx' : (await getPart(terminal, 'caddy')) ? 'caddy' : undefined;
  const addresses = ['127.0.0.1', ...((await hasIpv6Loopback()) ? ['[::1]'] : [])];
  if (!kind) return { name: 'a stand-in (neither Caddy nor nginx is there)', close: await startStandInProxy({ ports, addresses }) };

  const proxyDir = path.join(dir, kind);
  copySnippets(kind, proxyDir, ports);
  const file = path.join(proxyDir, kind === 'caddy' ? 'Caddyfile' : 'nginx.conf');
  writeText(file, kind === 'caddy' ? caddyfile({ ports, addresses }) : nginxConf({ dir: proxyDir, ports, addresses }));
  const args = kind === 'caddy' ? ['run', '--config', file, '--adapter', 'caddyfile'] : ['-p', proxyDir, '-e', 'stderr', '-c', file];
  const env = { ...process.env, XDG_DATA_HOME: proxyDir, XDG_CONFIG_HOME: proxyDir };
  const spec = { name: kind, ...guarded(findPart(kind), args), cwd: proxyDir, env, isQuiet: true, ready: () => answersThrough(ports.proxy) };
  return { name: kind === 'caddy' ? 'Caddy' : 'nginx', spec };
}
