import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  describeWith,
  root,
  type RunningPortcullis,
  type RunningRedis,
  serviceNames,
  startPortcullis,
  startRedis,
  tempDir,
  until,
} from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from './site.js';

/** The lines of docs/redis.md as an operator changes them, and a name before each user: `home-gateway`. */
const page = readFileSync(join(root, 'docs/redis.md'), 'utf8');
const rightsOf = (name: string, prefix: string): readonly string[] =>
  [...page.matchAll(/^user (?!default)(.*)$/gm)].map(([, line = '']) =>
    `user ${name}-${line}`.replace('>PASSWORD', '>a-password').replaceAll('portcullis:', prefix),
  );
const asUser = (user: string) => ({ PORTCULLIS_SESSION_REDIS_USERNAME: user, PORTCULLIS_SESSION_REDIS_PASSWORD: 'a-password' });

/** The worst case: the same secrets, the same people, the same domains. */
describeWith(['redis'], 'two installations on one Redis, each with a key_prefix', () => {
  const prefixes = ['home:', 'annex.2-{b}:'] as const;
  const names = ['home', 'annex'] as const;
  let redis: RunningRedis;
  let home: RunningPortcullis;
  let annex: RunningPortcullis;
  beforeAll(async () => {
    const aclfile = join(tempDir('acl'), 'users.acl');
    const rights = names.flatMap((name, index) => rightsOf(name, prefixes[index] ?? ''));
    writeFileSync(aclfile, ['user default off', ...rights, 'user tests on >tests ~* &* +@all', ''].join('\n'));
    redis = await startRedis({ args: ['--aclfile', aclfile], user: { username: 'tests', password: 'tests' } });
    const users = await peopleOf('alice', 'bob');
    const start = (name: string, keyPrefix: string) =>
      startPortcullis({
        config: SITE,
        overlay: { session: { redis: { key_prefix: keyPrefix } } },
        users,
        redis,
        env: asUser(`${name}-cli`),
        envOf: Object.fromEntries(serviceNames.map((service) => [service, asUser(`${name}-${service.replace('verify-', '')}`)])),
      });
    home = await start(names[0], prefixes[0]);
    annex = await start(names[1], prefixes[1]);
  });

  const portal = (at: RunningPortcullis) => at.client({ host: 'auth.site.test' });
  const mailOf = ({ mailFile }: RunningPortcullis): string => (existsSync(mailFile) ? readFileSync(mailFile, 'utf8') : '');
  const answers = async <T>(at: RunningPortcullis, ...words: readonly string[]): Promise<T> => {
    const { code, stdout, stderr } = await at.cli(...words, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as T;
  };
  const sessionsAt = async (at: RunningPortcullis): Promise<readonly string[]> =>
    (await answers<readonly { readonly username: string }[]>(at, 'sessions', 'list')).map(({ username }) => username);

  it('each counts its own instances alone', async () => {
    for (const at of [home, annex]) {
      const { instances, missing } = await answers<{ readonly instances: readonly unknown[]; readonly missing: readonly string[] }>(at, 'status');
      expect([instances.length, missing]).toEqual([4, []]);
    }
  });

  it('a session of the one is none of the other, and cannot be ended from there', async () => {
    const cookie = (await signIn(portal(home), 'alice')).cookieHeader();
    await signIn(portal(annex), 'bob');
    expect(await verifyStatus(home.base, cookie)).toBe(200);
    expect(await verifyStatus(annex.base, cookie)).toBe(302);
    expect(await sessionsAt(home)).toEqual(['alice']);
    expect(await sessionsAt(annex)).toEqual(['bob']);

    await answers(annex, 'sessions', 'revoke-all', 'alice');
    expect(await verifyStatus(home.base, cookie)).toBe(200);
    await answers(home, 'sessions', 'revoke-all', 'alice');
    await until(async () => (await verifyStatus(home.base, cookie)) === 302, { what: 'the end of the session' });
    expect(await sessionsAt(annex)).toEqual(['bob']);
  });

  it('a notice of the one is delivered by its own notifier, however long that is away', async () => {
    await home.kill('notifier');
    expect((await portal(home).post('/api/reset-password/identity/start', { username: 'alice' })).status).toBe(200);
    await until(async () => ((await redis.cli('KEYS', 'home:bull:notices:*-*')) as readonly string[]).length === 1, { what: 'the job in the queue' });
    expect((await portal(annex).post('/api/reset-password/identity/start', { username: 'bob' })).status).toBe(200);
    await until(() => mailOf(annex).includes('bob@site.test'), { what: "the annex's own notice" });
    expect(mailOf(annex)).not.toContain('alice@site.test');

    await home.start('notifier');
    await until(() => mailOf(home).includes('alice@site.test'), { timeoutMs: 20_000, what: 'the notice at home' });
    expect(mailOf(home)).not.toContain('bob@site.test');
  });

  it('nothing lies, nobody listens, and nobody asks for anything, outside of the two prefixes', async () => {
    for (const at of [home, annex]) await signIn(portal(at), 'alice');
    const keys = (await redis.cli('KEYS', '*')) as readonly string[];
    const channels = (await redis.cli('PUBSUB', 'CHANNELS', '*')) as readonly string[];
    for (const prefix of prefixes) {
      for (const kind of ['session:', 'user:', 'epoch', 'limit:', 'rpc:', 'bull:'])
        expect(
          keys.some((key) => key.startsWith(prefix + kind)),
          `${prefix}${kind} is used`,
        ).toBe(true);
      expect(channels.some((channel) => channel.startsWith(prefix))).toBe(true);
    }
    const isOurs = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
    expect([...keys, ...channels].filter((name) => !isOurs(name))).toEqual(['__redis__:invalidate']);
    expect(await redis.cli('ACL', 'LOG'), 'each has the rights of the page, below its own prefix').toEqual([]);
  });
});
