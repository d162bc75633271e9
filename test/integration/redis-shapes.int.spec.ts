import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  certificates,
  describeWith,
  freePort,
  needs,
  root,
  runCommand,
  type RunningPortcullis,
  startPortcullis,
  startProcess,
  startRedis,
  startSentinels,
  tempDir,
  until,
} from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from './site.js';

const config = (redis: object) => ({ ...SITE, session: { ...SITE.session, redis } });

/** Signing in, being let in, being mailed and signing out reach every key of ours. */
async function works(portcullis: RunningPortcullis): Promise<void> {
  const ann = await signIn(portcullis.client({ host: 'auth.site.test' }), 'ann');
  expect(await verifyStatus(portcullis.base, ann.cookieHeader())).toBe(200);
  expect((await ann.post('/api/user/session/elevation')).status).toBe(200);
  await until(() => readFileSync(portcullis.mailFile, 'utf8').includes('ann@site.test'), { timeoutMs: 20_000, what: 'the mailed code' });
  const cookie = ann.cookieHeader();
  expect((await ann.post('/api/logout')).status).toBe(200);
  await until(async () => (await verifyStatus(portcullis.base, cookie)) === 302, { what: 'the end of the session to arrive' });
}

describeWith(['redis'], 'a Redis', () => {
  it('on a unix socket, with a password, without CONFIG as managed ones are, and with nothing on disk serves everything, and the last is said', async () => {
    const redis = await startRedis({ unix: true, password: 'a password, with a comma', args: ['--rename-command', 'CONFIG', ''] });
    const portcullis = await startPortcullis({ config: SITE, users: await peopleOf('ann'), redis });
    await works(portcullis);
    expect(portcullis.logs('session')).toContain('appendonly is off');
  });

  it('over TLS is used, and shown a certificate of ours where it asks for one', async () => {
    const { caFile, certFile, keyFile, cert, key } = await certificates(['redis.site.test']);
    const port = await freePort();
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile, '--tls-auth-clients', 'yes'];
    const args = ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--dir', tempDir('redis'), '--save', '', ...files];
    await startProcess(needs('redis'), args, { name: 'redis', ready: 'Ready to accept connections' });
    const tls = { server_name: 'redis.site.test', certificate_chain: cert, private_key: key };
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    await works(await startPortcullis({ config: config({ host: '127.0.0.1', port, tls }), redis: false, users: await peopleOf('ann'), env }));
  });

  it('behind three sentinels is used, and what is missing of its settings said', async () => {
    const sentinels = await startSentinels();
    const portcullis = await startPortcullis({ config: config(sentinels.settings), redis: false, users: await peopleOf('ann') });
    await works(portcullis);
    expect(portcullis.logs('session')).toContain('set min-replicas-to-write 1');
  });

  it.each([
    ['that is a Cluster', ['--cluster-enabled', 'yes'], 'this is a Redis Cluster; scripts over several keys need a single Redis'],
    ['that evicts', ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'], 'set noeviction'],
  ])('%s is refused by name', async (_shape, args, reason) => {
    const redis = await startRedis({ args });
    const { configFile } = await startPortcullis({ config: SITE, users: await peopleOf('ann'), redis, services: [] });
    const { code, stdout } = await runCommand(process.execPath, [join(root, 'apps/session/dist/main.js'), '--config', configFile]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(reason)]);
  });
});
