// nginx, Caddy and HAProxy in front of a gate: behind them is an answer of two bytes.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start, until } from './processes.mjs';

const root = join(import.meta.dirname, '..', '..');

async function started(name, child, port) {
  await until(name, async () => (await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })).status > 0);
  return { port, child };
}

/** `isGate`: the gate's own endpoint is asked; else `/` of whatever listens there. `more`: directives of the location that asks. */
export async function startNginx(gatePort, isGate, more = '') {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-bench-nginx-'));
  const port = await freePort();
  // Started as root, nginx reads as nobody, who must be let into the folder.
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, 'www'));
  writeFileSync(join(dir, 'www', 'index.html'), 'ok');
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { worker_connections 512; }
http {
  access_log off; keepalive_requests 10000000; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  upstream gate { server 127.0.0.1:${gatePort}; keepalive 64; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location = /verify {
      internal; proxy_pass http://gate${isGate ? '/api/authz/auth-request' : '/'}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Content-Length ""; proxy_pass_request_body off;
      proxy_set_header X-Original-URL https://app.example.com$request_uri; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Forwarded-For $remote_addr; ${more}
    }
    location / { auth_request /verify; auth_request_set $user $upstream_http_remote_user; root ${dir}/www; try_files /index.html =404; add_header X-User $user; }
  }
}`,
  );
  return started('nginx', start(process.env.NGINX_PATH ?? 'nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir]), port);
}

export async function startCaddy(gatePort) {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-bench-caddy-'));
  const port = await freePort();
  writeFileSync(
    join(dir, 'Caddyfile'),
    `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  route {
    forward_auth 127.0.0.1:${gatePort} {
      uri /api/authz/forward-auth
      copy_headers Remote-User Remote-Groups Remote-Name Remote-Email
      header_up X-Forwarded-Proto https
      header_up X-Forwarded-Host app.example.com
      transport http {
        keepalive_idle_conns_per_host 64
      }
    }
    respond "ok" 200
  }
}`,
  );
  const env = { XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, HOME: dir };
  return started(
    'Caddy',
    start(process.env.CADDY_PATH ?? 'caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], { env }),
    port,
  );
}

/** With the Lua file of deploy/haproxy, told that the client came over TLS, for the load speaks plainly. */
export async function startHaproxy(gatePort) {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-bench-haproxy-'));
  const port = await freePort();
  const lua = readFileSync(join(root, 'deploy', 'haproxy', 'portcullis.lua'), 'utf8');
  writeFileSync(join(dir, 'portcullis.lua'), lua.replace("txn.sf:ssl_fc() == '1' and 'https' or 'http'", "'https'"));
  writeFileSync(
    join(dir, 'haproxy.cfg'),
    `global
    lua-load-per-thread ${join(dir, 'portcullis.lua')}
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend sites
    bind 127.0.0.1:${port}
    http-request lua.portcullis 127.0.0.1:${gatePort}
    http-request return status 200 content-type text/plain string ok
`,
  );
  return started('HAProxy', start(process.env.HAPROXY_PATH ?? 'haproxy', ['-f', join(dir, 'haproxy.cfg'), '-db']), port);
}

/** A browser's request through a proxy. */
export const browserHead = (cookie) => `GET /some/path?x=1 HTTP/1.1
Host: app.example.com
Accept: text/html,application/xhtml+xml
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36
Cookie: theme=dark; ${cookie}

`;
