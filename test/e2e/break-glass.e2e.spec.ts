import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, freePort, http, root, startBackend, startCaddy, startNginx } from '../support/index.js';

const page = readFileSync(join(root, 'docs/break-glass.md'), 'utf8');
const blockOf = (language: string): string => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? '';
const FORGED = { 'Remote-User': 'admin', 'Remote-Groups': 'admins', 'Remote-Name': 'admin', 'Remote-Email': 'admin@example.com' };

const behindNginx = async (backend: string, lines: string): Promise<string> => {
  const port = await freePort();
  await startNginx(`server { listen 127.0.0.1:${port}; location / { ${lines} proxy_pass ${backend}; } }`);
  return `http://127.0.0.1:${port}`;
};
const behindCaddy = async (backend: string, lines: string): Promise<string> => {
  const { httpPort } = await startCaddy(`http://app.example.com {\n${lines}\nreverse_proxy ${backend.replace('http://', '')}\n}`);
  return `http://127.0.0.1:${httpPort}`;
};

describeWith(['nginx', 'caddy'], 'a site without the gate, by the lines of docs/break-glass.md', () => {
  it.each([
    ['nginx', behindNginx],
    ['caddyfile', behindCaddy],
  ] as const)('in %s is open to the network that is named alone, and believes no identity', async (language, behind) => {
    const backend = await startBackend();
    const lines = blockOf(language);
    expect(lines).toContain('192.0.2.10');
    const ask = async (base: string) => http(base, { path: '/', headers: { Host: 'app.example.com', ...FORGED } });
    expect((await ask(await behind(backend.url, lines))).status).toBe(403);
    const answer = await ask(await behind(backend.url, lines.replaceAll('192.0.2.10', '127.0.0.1')));
    expect(answer.status).toBe(200);
    expect(answer.body).not.toContain('admin');
  });
});
