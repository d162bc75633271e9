import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  certificates,
  type Certificates,
  describeWith,
  root,
  runCommand,
  type RunningPortcullis,
  startPortcullis,
  tempDir,
} from '../support/index.js';
import { peopleOf, SITE } from './site.js';

describeWith(['redis'], 'a gate that ends TLS itself', () => {
  let portcullis: RunningPortcullis;
  let pair: Certificates;
  const configuration = (tls: object) => ({ ...SITE, server: { tls } });

  beforeAll(async () => {
    pair = await certificates(['auth.site.test']);
    portcullis = await startPortcullis({
      config: configuration({ certificate: pair.certFile, key: pair.keyFile }),
      users: await peopleOf('ann'),
    });
  });

  async function get(path: string): Promise<number | undefined> {
    const { port } = new URL(portcullis.base);
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      servername: 'auth.site.test',
      headers: { Host: 'auth.site.test' },
      ca: pair.ca,
      agent: false,
    });
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    incoming.resume();
    return incoming.statusCode;
  }

  it('answers there alone, says so, and tells in its metrics when the certificate ends', async () => {
    expect([await get('/api/health'), await get('/health/ready'), await get('/')]).toEqual([200, 200, 200]);
    expect(portcullis.logs('verify-gateway')).toMatch(/Listening for TLS connections on '127\.0\.0\.1:\d+' path '\/'/);
    const metrics = await (await fetch(`${portcullis.management('verify-gateway')}/metrics`)).text();
    expect(Number(/^portcullis_tls_certificate_not_after_seconds\S* (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(Date.now() / 1000);
    expect((await portcullis.cli('validate-config')).stdout).toBe('Configuration parsed and loaded successfully without errors.\n');
  });

  it('does not start on a pair that does not belong together; validate-config names the file and the line', async () => {
    const other = await certificates(['auth.site.test']);
    const dir = tempDir('tls');
    const file = join(dir, 'configuration.yml');
    const overlay = `server:\n  tls:\n    certificate: ${pair.certFile}\n    key: ${other.keyFile}\n`;
    writeFileSync(file, overlay);
    const files = ['--config', portcullis.configFile, '--config', file];
    const run = (app: string, ...args: readonly string[]) =>
      runCommand(process.execPath, [join(root, 'apps', app, 'dist/main.js'), ...args, ...files], { cwd: dir });
    const checked = await run('cli', 'validate-config');
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(`error: ${file}:4  server.tls.key\n    ${other.keyFile} is not the key of the certificate in ${pair.certFile}`);
    const started = await run('verify-gateway');
    expect(started.code).toBe(1);
    expect(started.stdout + started.stderr).toContain('is not the key of the certificate');
  });
});
