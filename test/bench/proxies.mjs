// nginx and Caddy in front of a gate: theirs is a file of two bytes behind it.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start, until } from './processes.mjs';

export async function startNginx(gatePort, verifyPath) {
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
      internal; proxy_pass http://gate${verifyPath}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Content-Length ""; proxy_pass_request_body off;
      proxy_set_header X-Original-URL https://app.example.com$request_uri; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Forwarded-For $remote_addr;
    }
    location / { auth_request /verify; auth_request_set $user $upstream_http_remote_user; root ${dir}/www; try_files /index.html =404; add_header X-User $user; }
  }
}`,
  );
  const child = start(process.env.NGINX_PATH ?? 'nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir]);
  await until('nginx', async () => (await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })).status > 0);
  return { port, child };
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
  const child = start(process.env.CADDY_PATH ?? 'caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], {
    env: { XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, HOME: dir },
  });
  await until('Caddy', async () => (await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })).status > 0);
  return { port, child };
}

/** A browser's request through a proxy. */
export const browserHead = (cookie) => `GET /some/path?x=1 HTTP/1.1
Host: app.example.com
Accept: text/html,application/xhtml+xml
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36
Cookie: theme=dark; ${cookie}

`;
