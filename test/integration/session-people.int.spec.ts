import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Client, client, describeWith, type RunningPortcullis, startPortcullis, until } from '../support/index.js';
import { peopleOf, signIn, SITE, verify, verifyStatus } from './site.js';

interface Entry {
  readonly displayname: string;
  readonly groups: readonly string[];
  readonly disabled: boolean;
}

/** What both gateways answer of somebody: let in, with these groups, or asked to sign in. */
const IN = ['200 people', '200 people'];
const OUT = ['302 ', '302 '];

describeWith(['redis'], 'the users file changes while people are signed in, with two of each service', () => {
  let portcullis: RunningPortcullis;
  let ann: string;
  let ben: string;

  beforeEach(async () => {
    portcullis = await startPortcullis({
      config: SITE,
      users: await peopleOf('ann', 'ben'),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'identity', 'session', 'session', 'notifier'],
    });
    ann = (await signIn(portal(), 'ann')).cookieHeader();
    ben = (await signIn(portal(), 'ben')).cookieHeader();
    expect(await seenBy(ann)).toEqual(IN);
    expect(await seenBy(ben)).toEqual(IN);
  });

  const portal = (): Client => client(portcullis.base, { host: 'auth.site.test' });
  /** What each gateway answers, with the groups it tells the application. */
  const seenBy = (cookie: string): Promise<readonly string[]> =>
    Promise.all(
      portcullis.gateways.map(async (gateway) => {
        const { status, headers } = await verify(gateway, cookie);
        return `${status} ${String(headers['remote-groups'] ?? '')}`;
      }),
    );
  const becomes = (cookie: string, expected: readonly string[], timeoutMs = 2000): Promise<unknown> =>
    until(async () => (await seenBy(cookie)).join() === expected.join(), { timeoutMs, everyMs: 20, what: `both to answer ${expected.join()}` });
  /** Saves it as editors do: a new file in its place. */
  const change = (name: string, entry: Partial<Entry> | null): void => {
    const { users } = parse(readFileSync(portcullis.usersFile, 'utf8')) as { readonly users: Record<string, Partial<Entry>> };
    if (entry === null) Reflect.deleteProperty(users, name);
    else users[name] = { ...users[name], ...entry };
    writeFileSync(`${portcullis.usersFile}.new`, stringify({ users }));
    renameSync(`${portcullis.usersFile}.new`, portcullis.usersFile);
  };

  it('new groups are told everywhere within two seconds, somebody disabled is out as soon, and nobody else notices', async () => {
    change('ann', { groups: ['people', 'admins'] });
    await becomes(ann, ['200 people,admins', '200 people,admins']);
    change('ann', { disabled: true });
    await becomes(ann, OUT);
    change('ann', { disabled: false });
    await until(() => signIn(portal(), 'ann'), { timeoutMs: 10_000, everyMs: 100 });
    expect(await seenBy(ann)).toEqual(OUT);
    expect(await seenBy(ben)).toEqual(IN);
  });

  it('a change made while no session service runs counts once one does', async () => {
    await portcullis.kill('session');
    await portcullis.kill('session-2');
    change('ann', null);
    change('ben', { groups: [] });
    await until(() => /level=(warning|error)/.test(portcullis.logs('identity') + portcullis.logs('identity-2')), {
      what: 'identity to say that it cannot tell',
    });
    expect(await seenBy(ann)).toEqual(IN);
    await portcullis.start('session');
    await becomes(ann, OUT, 10_000);
    await becomes(ben, ['200 ', '200 '], 10_000);
  });

  it('a change made while Redis is away counts once it is back', async () => {
    await portcullis.redis!.cli('SAVE');
    await portcullis.redis!.kill();
    await until(async () => (await verifyStatus(portcullis.base, ben)) === 503, { timeoutMs: 5000, everyMs: 20 });
    change('ann', { disabled: true });
    await portcullis.redis!.restart();
    await becomes(ben, IN, 15_000);
    await becomes(ann, OUT);
  });
});
