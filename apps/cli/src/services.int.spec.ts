import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { identityContract, type NoticeRow } from '@portcullis/contracts-identity';
import { sessionContract, type SessionSummary } from '@portcullis/contracts-session';
import { type Client, createRpcClient, openRpcConnection, type RpcConnection } from '@portcullis/platform-rpc';
import { eventually } from '@portcullis/platform-redis/testing';
import { deriveSecret } from '@portcullis/platform-seal';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Installation, SECRET } from './installation.fixture.js';

// Some processes each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let installation: Installation;
let wire: RpcConnection;
let session: Client<typeof sessionContract>;
beforeAll(async () => {
  installation = await Installation.make();
  await Promise.all([installation.start('identity'), installation.start('session')]);
  const secrets = [deriveSecret(SECRET, 'rpc')];
  wire = openRpcConnection({
    redis: installation.redis.settings,
    secrets,
    prefix: DEFAULT_KEY_PREFIX,
    service: 'verify-gateway',
    onEvent: () => undefined,
  });
  await wire.ready(5000);
  session = createRpcClient(sessionContract, wire);
});
afterAll(async () => {
  wire.close();
  await installation.close();
});

async function signIn(username: string, userAgent: string): Promise<{ readonly id: string; readonly handle: string }> {
  const profile = { username, displayName: username, emails: [`${username}@example.com`], groups: [] };
  const device = { ip: '192.0.2.7', userAgent };
  const created = await session.create({ profile, domain: 'example.com', remember: false, device, replaces: null });
  if (created.outcome !== 'created') throw new Error(created.outcome);
  return created;
}
const isLive = async (id: string): Promise<boolean> => (await session.read({ id })).outcome === 'live';
const type = (line: string) => installation.type(line);

it('sessions: devices are listed and shown, one is ended, then all of a person, then everybody', async () => {
  const [phone, laptop, hers] = [await signIn('john', 'a phone'), await signIn('john', 'a laptop'), await signIn('mary', 'a tablet')];
  expect(await Promise.all([phone, laptop, hers].map(({ id }) => isLive(id)))).toEqual([true, true, true]);

  const table = (await type('sessions list john')).out.split('\n');
  expect(table[0]).toMatch(/^Handle +User +Level +Signed in +Last seen +Expires +From$/);
  expect(
    table
      .slice(1, 3)
      .map((row) => row.split(/ {2,}/).slice(0, 3).join(' '))
      .sort(),
  ).toEqual([phone, laptop].map(({ handle }) => `${handle} john one factor`).sort());
  const all = await installation.json<readonly SessionSummary[]>('sessions list');
  expect(new Set(all.map(({ handle }) => handle))).toEqual(new Set([phone, laptop, hers].map(({ handle }) => handle)));
  expect(JSON.stringify(all)).not.toContain(phone.id);

  expect((await type(`sessions show ${phone.handle}`)).out).toMatch(/^Handle {6}\S+\nUser {8}john\n[^]*\nBrowser {5}a phone\n$/);
  expect(await type(`sessions revoke ${phone.handle}`)).toEqual({
    code: 0,
    out: `Ended session ${phone.handle}: it opens nothing any more.\n`,
    err: '',
  });
  expect([await isLive(phone.id), await isLive(laptop.id)]).toEqual([false, true]);
  const gone = { code: 1, out: '', err: `There is no session ${phone.handle}. See: portcullis sessions list\n` };
  expect([await type(`sessions revoke ${phone.handle}`), await type(`sessions show ${phone.handle}`)]).toEqual([gone, gone]);

  expect((await type('sessions revoke-all john')).out).toBe('Ended 1 session.\n');
  expect([await isLive(laptop.id), await isLive(hers.id)]).toEqual([false, true]);
  expect(await installation.json('sessions revoke-all --everybody')).toEqual({ ended: 1 });
  expect(await isLive(hers.id)).toBe(false);
  expect((await type('sessions list')).out).toBe('No results.\n');
});

it('what a browser calls itself is shown, and moves nothing in the terminal', async () => {
  const { handle } = await signIn('john', 'Mozilla \u009b2J\u009d0;owned\u009c \u202eexe');
  const told = String.raw`Mozilla \u009b2J\u009d0;owned\u009c \u202eexe`;
  expect((await type(`sessions show ${handle}`)).out).toContain(`Browser     ${told}\n`);
  expect((await type(`sessions show ${handle} --json`)).out).toContain(`"userAgent": "${told}"`);
  expect((await type(`sessions revoke ${handle}`)).code).toBe(0);
});

it('notices: what waits is listed and shown without what it says, sent again, given up', async () => {
  expect((await type('notices list')).out).toBe('No results.\n');
  const identity = createRpcClient(identityContract, wire);
  await identity.startReset({ username: 'john', ip: '192.0.2.7', domain: 'example.com' });
  const notice = await eventually('a notice is written', async () => (await installation.json<readonly NoticeRow[]>('notices list'))[0], 20_000);
  expect(notice).toMatchObject({ state: 'waiting', username: 'john', recipient: expect.stringContaining('john@example.com') as string });

  expect((await type('notices list --state waiting')).out).toMatch(/^ID +State +Title +To +Written +Tries +Last error\n/);
  expect((await type('notices list --state delivered')).out).toBe('No results.\n');
  const shown = (await type(`notices show ${notice.id}`)).out;
  expect(shown).toMatch(/^ID {10}\S+\nState {7}waiting\n/);
  expect(shown).not.toMatch(/https:|token/);

  expect((await type(`notices retry ${notice.id}`)).out).toBe(`Notice ${notice.id} is on its way again.\n`);
  expect((await type(`notices drop ${notice.id}`)).out).toBe(`Notice ${notice.id} is given up.\n`);
  expect(await installation.json(`notices list --state dropped --limit 5`)).toMatchObject([{ id: notice.id, state: 'dropped' }]);
  for (const change of ['show', 'retry', 'drop'])
    expect(await type(`notices ${change} nothing`)).toEqual({ code: 1, out: '', err: 'There is no notice nothing. See: portcullis notices list\n' });
  expect((await type('notices list --state lost')).code).toBe(2);
});

it('audit: what happened is listed and followed, by line for a SIEM, and one person is erased', async () => {
  const identity = createRpcClient(identityContract, wire);
  const origin = { ip: '192.0.2.7', method: 'POST', path: '/api/firstfactor', via: 'portal', targetUrl: null, targetMethod: null } as const;
  await identity.authenticate({ username: 'mary', password: 'wrong', origin }, { requestId: 'r-4711' });
  const [row] = await installation.json<readonly object[]>('audit --user mary --kind sign_in_failed --since 1h');
  expect(row).toMatchObject({ kind: 'sign_in_failed', user: 'mary', actor: 'user', ip: '192.0.2.7', request_id: 'r-4711' });
  expect((await type('audit --kind sessions_ended')).out).toMatch(/sessions_ended +john +operator [^]*which=everybody/);

  const lines = await installation.follow('audit --follow --json --user mary', (text) => text.endsWith('\n'));
  expect(JSON.parse(lines.split('\n')[0] ?? '')).toEqual(row);
  expect((await type('audit erase mary')).out).toBe('Erased 1 row of the audit trail and 1 try of mary.\n');
  expect(await installation.json('audit --user mary')).toEqual([]);
  expect(await type('audit --since yesterday')).toMatchObject({ code: 2, err: expect.stringContaining('how long ago') as string });
});
