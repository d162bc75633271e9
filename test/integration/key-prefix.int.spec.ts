import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, type RunningPortcullis, type RunningRedis, startPortcullis, startRedis, until } from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from './site.js';

/** The worst case: the same secrets, the same people, the same domains. */
describeWith(['redis'], 'two installations on one Redis, each with a key_prefix', () => {
  const prefixes = ['home:', 'annex.2-{b}:'] as const;
  let redis: RunningRedis;
  let home: RunningPortcullis;
  let annex: RunningPortcullis;
  beforeAll(async () => {
    redis = await startRedis();
    const users = await peopleOf('alice', 'bob');
    const start = (keyPrefix: string) => startPortcullis({ config: SITE, overlay: { session: { redis: { key_prefix: keyPrefix } } }, users, redis });
    home = await start(prefixes[0]);
    annex = await start(prefixes[1]);
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

  it('nothing lies, and nobody listens, outside of the two prefixes', async () => {
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
  });
});
