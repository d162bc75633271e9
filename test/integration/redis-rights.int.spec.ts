import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { beforeAll, expect, it } from 'vitest';
import {
  describeWith,
  http,
  root,
  type RunningPortcullis,
  type RunningRedis,
  serviceNames,
  startPortcullis,
  startRedis,
  tempDir,
  until,
} from '../support/index.js';
import { giveDevices, giveSecondFactor, peopleOf, SECRET, signIn, SITE, verifyStatus } from './site.js';

/** The lines of the page, as an operator copies them. */
const page = readFileSync(join(root, 'docs/redis.md'), 'utf8');
const lines = [...page.matchAll(/^user (\w+) .*$/gm)].map(([line, name = '']) => ({
  name,
  line: line.replace('>PASSWORD', `>${passwordOfUser(name)}`),
}));

const userOf = { 'verify-gateway': 'gateway', session: 'session', identity: 'identity', notifier: 'notifier' } as const;
function passwordOfUser(user: string): string {
  return `the-password-of-${user}`;
}
const asUser = (user: string) => ({ PORTCULLIS_SESSION_REDIS_USERNAME: user, PORTCULLIS_SESSION_REDIS_PASSWORD: passwordOfUser(user) });

it('the page has a user for each service and the command line, none of whom may do everything', () => {
  expect(lines.map(({ name }) => name)).toEqual(['default', ...Object.values(userOf), 'cli']);
  for (const { line } of lines.slice(1)) expect(line).not.toMatch(/@|~\*|&\*|allkeys|allcommands|allchannels|nopass/);
});

describeWith(['redis'], 'with one Redis user per service', () => {
  let redis: RunningRedis;
  let portcullis: RunningPortcullis;
  beforeAll(async () => {
    const aclfile = join(tempDir('acl'), 'users.acl');
    const user = { username: 'tests', password: 'tests' };
    writeFileSync(aclfile, [...lines.map(({ line }) => line), 'user tests on >tests ~* &* +@all', ''].join('\n'));
    redis = await startRedis({ appendonly: true, args: ['--aclfile', aclfile], user });
    const envOf = Object.fromEntries(serviceNames.map((service) => [service, asUser(userOf[service])]));
    portcullis = await startPortcullis({ config: SITE, users: await peopleOf('alice', 'bob'), redis, env: asUser('cli'), envOf });
  });

  const portal = () => portcullis.client({ host: 'auth.site.test' });
  const mail = (): string => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : '');
  const status = (cookie: string, host?: string) => verifyStatus(portcullis.base, cookie, host);
  const becomes = (wanted: number, cookie: string) =>
    until(async () => (await status(cookie)) === wanted, { timeoutMs: 20_000, what: `a verify answered with ${wanted}` });
  const denied = async (): Promise<readonly string[]> => {
    const log = (await redis.cli('ACL', 'LOG')) as readonly (readonly string[])[];
    return log.map((entry) => ['username', 'reason', 'object', 'context'].map((field) => entry[entry.indexOf(field) + 1]).join(' '));
  };
  const cli = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await portcullis.cli(...words);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  async function codeFor(ask: () => Promise<unknown>): Promise<string> {
    await ask();
    return until(() => /^-{20,}\n(\S+)\n-{20,}$/m.exec(mail())?.[1], { timeoutMs: 10_000, what: 'the mailed code' });
  }
  const newestNotice = async () =>
    (JSON.parse(await cli('notices', 'list', '--json')) as readonly { id: string; state: string; lastError: string | null }[])[0];

  it('people sign in, are mailed, are ended, and nobody is refused anything by Redis', async () => {
    const alice = await signIn(portal(), 'alice');
    await becomes(200, alice.cookieHeader());
    const otc = await codeFor(() => alice.post('/api/user/session/elevation'));
    expect((await alice.send('/api/user/session/elevation', { method: 'PUT', body: { otc } })).json()).toEqual({ status: 'OK' });
    await giveDevices(portcullis, { alice: SECRET });
    await giveSecondFactor(alice);
    expect(await status(alice.cookieHeader(), 'two.site.test')).toBe(200);

    const bob = await signIn(portal(), 'bob');
    await becomes(200, bob.cookieHeader());
    expect(await cli('sessions', 'list')).toContain('bob');
    expect(await cli('sessions', 'revoke-all', 'bob')).toBe('Ended 1 session.\n');
    await becomes(302, bob.cookieHeader());

    expect((await alice.post('/api/logout')).status).toBe(200);
    await becomes(302, alice.cookieHeader());
    expect(await denied()).toEqual([]);
  });

  it('a notice that cannot be delivered waits, is retried, and metrics are read', async () => {
    const { mailFile } = portcullis;
    rmSync(mailFile, { force: true });
    mkdirSync(mailFile);
    await portal().post('/api/reset-password/identity/start', { username: 'bob' });
    const waiting = await until(
      async () => {
        const notice = await newestNotice();
        return notice?.lastError != null && notice.state !== 'delivered' ? notice : undefined;
      },
      { timeoutMs: 20_000, what: 'a failed delivery' },
    );
    await cli('notices', 'retry', waiting.id);
    rmdirSync(mailFile);
    await until(() => mail().includes('bob@site.test'), { timeoutMs: 20_000, what: 'the retried notice' });
    for (const service of serviceNames) expect((await http(portcullis.management(service), { path: '/metrics' })).status).toBe(200);
    expect(await denied()).toEqual([]);
  });

  it.each([
    ['gateway', ['SET', 'portcullis:session:forged', 'x']],
    ['gateway', ['SET', 'portcullis:epoch', 'x']],
    ['gateway', ['DEL', 'portcullis:session:forged']],
    ['gateway', ['HGETALL', 'portcullis:bull:notices:1']],
    ['identity', ['GET', 'portcullis:session:x']],
    ['notifier', ['GET', 'portcullis:session:x']],
    ['session', ['HGETALL', 'portcullis:bull:notices:1']],
    ['cli', ['GET', 'portcullis:session:x']],
    ['cli', ['FLUSHALL']],
    ['session', ['KEYS', '*']],
    ['notifier', ['CONFIG', 'GET', '*']],
  ] as const)('%s may not %j', async (user, [command, ...args]) => {
    const connection = new Redis({ port: redis.port ?? 0, username: user, password: passwordOfUser(user), retryStrategy: () => null });
    await expect(
      connection.call(command, ...args).finally(() => {
        connection.disconnect();
      }),
    ).rejects.toThrow('NOPERM');
  });

  // The last: what a test starts anew ends with it.
  it('a restart of the session service and of Redis leaves people signed in', async () => {
    const bob = await signIn(portal(), 'bob');
    await portcullis.restart('session');
    await becomes(200, bob.cookieHeader());
    await redis.restart();
    await becomes(200, bob.cookieHeader());
    // The log of the Redis that ended is gone with it; what the services were told is not.
    expect(await denied()).toEqual([]);
    expect(portcullis.logs()).not.toMatch(/NOPERM|NOAUTH|WRONGPASS/);
    expect(redis.logs()).not.toContain('NOPERM');
  });
});
