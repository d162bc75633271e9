import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { certificates, describeWith, freePort, http, startBackend, startCaddy, startNginx } from './index.js';

/** Asks over TLS and trusts that authority alone. */
function getTrusting(ca: string, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, servername: host, headers: { Host: host }, ca, agent: false }, (response) => {
      text(response).then(resolve, reject);
    }).on('error', reject);
  });
}

describe('startBackend', () => {
  it('answers with what it was sent', async () => {
    const backend = await startBackend();
    const answer = await http(backend.url, { path: '/a?b=c', headers: { 'Remote-User': 'john' } });
    expect(answer.json()).toMatchObject({ method: 'GET', url: '/a?b=c', headers: { 'remote-user': 'john' } });
    expect(backend.requests).toHaveLength(1);
  });
});

describeWith(['nginx'], 'startNginx', () => {
  it('serves over TLS with our certificate and includes our files', async () => {
    const backend = await startBackend();
    const port = await freePort();
    const { ca, certFile, keyFile } = await certificates();
    const site = `
      server {
        listen 127.0.0.1:${port} ssl;
        server_name app.example.com;
        ssl_certificate ${certFile};
        ssl_certificate_key ${keyFile};
        location / { include snippets/app.conf; }
      }`;
    await startNginx(site, { files: { 'snippets/app.conf': `proxy_set_header Host $host; proxy_pass ${backend.url};` } });
    expect(JSON.parse(await getTrusting(ca, port, 'app.example.com'))).toMatchObject({ headers: { host: 'app.example.com' } });
  });

  it('tells what is wrong with a configuration', async () => {
    await expect(startNginx('server { lisen 80; }')).rejects.toThrow(/unknown directive "lisen"/);
  });
});

describeWith(['caddy'], 'startCaddy', () => {
  it('serves a site over TLS with a certificate of its own, and one over HTTP', async () => {
    const backend = await startBackend();
    const proxy = `{\n\treverse_proxy ${backend.url.replace('http://', '')}\n}`;
    const caddy = await startCaddy(`app.example.com ${proxy}\nhttp://plain.example.com ${proxy}`);
    const trusted = getTrusting(readFileSync(caddy.caFile, 'utf8'), caddy.httpsPort, 'app.example.com');
    expect(JSON.parse(await trusted)).toMatchObject({ headers: { 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' } });
    const plain = await http(`http://127.0.0.1:${caddy.httpPort}`, { headers: { Host: 'plain.example.com' } });
    expect(plain.json()).toMatchObject({ headers: { 'x-forwarded-proto': 'http' } });
  });

  it('tells what is wrong with a Caddyfile', async () => {
    await expect(startCaddy('app.example.com {\n\treverse_prox x\n}')).rejects.toThrow(/unrecognized directive: reverse_prox/);
  });
});
