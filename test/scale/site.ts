import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'node:http';
import { type PostgresServer, startPostgresServer } from '@portcullis/platform-sql/testing';
import { persons } from '../attacks/world.js';
import { atEnd, freePort, root, type RunningRedis, type RunningScaled, startNginx, startRedis, startScaled, usersFile } from '../support/index.js';

/** Two of each behind a real nginx with the files of deploy/nginx, on one PostgreSQL and one Redis. */
export interface Site {
  readonly scaled: RunningScaled;
  readonly redis: RunningRedis;
  readonly nginx: number;
}

const CONFIGURATION = {
  log: { level: 'warn' },
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] },
  access_control: { default_policy: 'deny', rules: [{ domain: 'app.example.com', policy: 'one_factor' }] },
  authentication_backend: { file: {} },
  regulation: { max_retries: 0 },
  notifier: { filesystem: { append: true } },
};

/** In the clear, as behind something that has taken TLS away: the load is what counts. */
const file = (name: string): string => readFileSync(join(root, 'deploy/nginx', name), 'utf8').replaceAll('$scheme', 'https');

/** `apart`: each gateway on a port of its own; else nginx is told the one port twice. */
export async function startSite(names: readonly string[], { apart }: { readonly apart: boolean }): Promise<Site> {
  const postgres = await startPostgresServer();
  atEnd({ end: () => postgres.stop(), endNow: () => undefined });
  const redis = await startRedis({ unix: true, appendonly: true });
  const scaled = await startScaled({
    config: { ...CONFIGURATION, storage: storageOf(postgres) },
    users: await usersFile(persons(...names)),
    redis,
    apart,
    scale: { 'verify-gateway': 2, identity: 2, session: 2, notifier: 2 },
  });
  const [nginx, backend] = [await freePort(), await freePort()];
  const gate = Number(new URL(scaled.base).port);
  await startNginx(httpBlock([gate, apart ? gate + 1 : gate], nginx, backend), {
    files: { 'portcullis-server.conf': file('portcullis-server.conf'), 'portcullis-location.conf': file('portcullis-location.conf') },
  });
  return { scaled, redis, nginx };
}

const storageOf = ({ settings, port, password }: PostgresServer): object => ({
  postgres: { address: `tcp://127.0.0.1:${port}`, database: settings.database, username: settings.username, password, schema: 'kill_story' },
});

/** The application answers with the name it was given: whose page one sees. */
const httpBlock = (gates: readonly [number, number], port: number, backend: number): string => `
${file('portcullis-upstream.conf').replaceAll('127.0.0.1:9091', `127.0.0.1:${gates[0]}`).replaceAll('127.0.0.1:9092', `127.0.0.1:${gates[1]}`)}
${file('portcullis-http.conf').replace(/^upstream portcullis \{.*?^\}\n/ms, '')}
upstream application { server 127.0.0.1:${backend}; keepalive 64; keepalive_requests 1000000; }
server { listen 127.0.0.1:${backend}; keepalive_requests 1000000; location / { return 200 $http_remote_user; } }
server {
  listen 127.0.0.1:${port}; keepalive_requests 1000000;
  server_name app.example.com;
  include portcullis-server.conf;
  location / {
    include portcullis-location.conf;
    proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection "";
  }
}
server {
  listen 127.0.0.1:${port}; keepalive_requests 1000000;
  server_name auth.example.com;
  location / {
    proxy_pass http://portcullis; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_connect_timeout 2s;
  }
}`;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string | undefined;
}

export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly cookie?: string;
  readonly json?: object;
}

/** A browser's connections, kept; from an address of its own, so that no limit is met by all together. */
export function browser(port: number, localAddress = '127.0.0.1'): { ask(asked: Asked): Promise<Answer>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, localAddress });
  const ask = ({ host, path, cookie, json }: Asked): Promise<Answer> => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers = {
      Host: host,
      Accept: 'text/html',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Origin: `https://${host}` }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, agent, path, method: body === undefined ? 'GET' : 'POST', headers, timeout: 15_000 },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, body: text, cookie: response.headers['set-cookie']?.[0]?.split(';')[0] });
          });
          response.on('error', reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer within 15 s')));
      sent.on('error', reject);
      sent.end(body);
    });
  };
  return {
    ask,
    close: () => {
      agent.destroy();
    },
  };
}
