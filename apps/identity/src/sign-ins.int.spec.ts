import type { Notice } from '@portcullis/contracts-notifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NoticeWorld, openNoticeWorld, STORAGE_SECRET } from './notice-world.fixture.js';
import { SignIns, type SignInsOptions } from './sign-ins.js';

const DAY_MS = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const NEWER_FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const HOME = { ip: '192.0.2.7', userAgent: FIREFOX };
const ELSEWHERE = { ip: '203.0.113.9', userAgent: SAFARI };

let world: NoticeWorld;
let ended: string[];
let away: boolean;
let signIns: SignIns;
let handles: number;

beforeEach(async () => {
  world = await openNoticeWorld();
  world.accounts.set('alice', { address: 'alice@example.com', digest: '' }).set('bob', { address: 'bob@example.com', digest: '' });
  ended = [];
  away = false;
  handles = 0;
  const end = (what: string) => {
    if (away) return Promise.reject(new Error('the session service is away'));
    ended.push(what);
    return Promise.resolve({ ended: 1 });
  };
  const sessions: SignInsOptions['sessions'] = {
    endByHandle: ({ username, handle, reason }) => end(`${handle} of ${username}: ${reason}`),
    endUser: ({ username, reason }) => end(`all of ${username}: ${reason}`),
  };
  signIns = new SignIns({ ...world, secret: STORAGE_SECRET, sessions });
});
afterEach(() => world.close());

interface Where {
  readonly ip?: string;
  readonly userAgent?: string;
  readonly deviceToken?: string | null;
  readonly username?: string;
  readonly domain?: string;
}

/** A sign-in whose session has the next of the handles 1, 2, 3 … */
const signIn = ({ ip = HOME.ip, userAgent = HOME.userAgent, deviceToken = null, username = 'alice', domain = 'example.com' }: Where = {}) => {
  handles += 1;
  return signIns.record({ username, handle: String(handles), domain, ip, userAgent, deviceToken });
};
const mails = async (): Promise<Extract<Notice, { kind: 'new_device' }>[]> =>
  (await world.waiting()).filter((notice) => notice.kind === 'new_device');
const tokenOfMail = async (): Promise<string> => new URL((await mails()).at(-1)?.disownUrl ?? '').searchParams.get('token') ?? '';
const disown = (token: string) => signIns.disown({ token, ip: HOME.ip });

describe('a sign-in', () => {
  it('of an account that has signed in nowhere before is told to nobody', async () => {
    expect(await signIn()).toEqual({ device: 'first', deviceToken: expect.stringMatching(/^[\w-]{43}$/u) });
    expect(await mails()).toEqual([]);
  });

  it('from a browser that shows its secret is known, wherever it is and whatever it became', async () => {
    const { deviceToken } = await signIn();
    expect(await signIn({ deviceToken, ip: '2001:db8::1', userAgent: NEWER_FIREFOX })).toEqual({ device: 'known', deviceToken });
    expect(await signIn({ ...ELSEWHERE, deviceToken })).toEqual({ device: 'known', deviceToken });
    expect(await mails()).toEqual([]);
  });

  it.each([
    ['its kind and network', { ip: '192.0.2.250', userAgent: NEWER_FIREFOX }, HOME],
    ['its kind and its /64', { ip: '2001:db8:1:2::9', userAgent: FIREFOX }, { ip: '2001:db8:1:2:ffff::1', userAgent: FIREFOX }],
    ['its kind and its address as IPv6 writes it', { ip: '::ffff:192.0.2.1', userAgent: FIREFOX }, HOME],
  ])('without a secret is known by %s', async (_, now, before) => {
    const { deviceToken } = await signIn(before);
    const again = await signIn(now);
    expect(again.device).toBe('known');
    expect(again.deviceToken).not.toBe(deviceToken);
    expect(await signIn({ ...ELSEWHERE, deviceToken: again.deviceToken })).toMatchObject({ device: 'known' });
    expect(await mails()).toEqual([]);
  });

  it.each([
    ['another network', { ip: '192.0.3.7' }],
    ['another /64', { ip: '2001:db8:1:3::1' }],
    ['another browser', { userAgent: FIREFOX.replace('Firefox', 'Chrome').replace('Gecko/20100101 ', '') }],
    ['another system', { userAgent: FIREFOX.replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64') }],
    ['a secret nobody gave it', { ...ELSEWHERE, deviceToken: 'x'.repeat(43) }],
  ])('from %s is new', async (_, where) => {
    await signIn();
    expect(await signIn(where)).toMatchObject({ device: 'new' });
    expect(await mails()).toHaveLength(1);
  });

  it('from a new browser is told of in words, with a link that ends it', async () => {
    await signIn();
    await signIn(ELSEWHERE);
    expect(await mails()).toEqual([
      {
        kind: 'new_device',
        to: { name: 'The alice', address: 'alice@example.com' },
        device: 'Safari on iPhone',
        disownUrl: expect.stringMatching(/^https:\/\/auth\.example\.com\/revoke\/session\?token=[\w-]{43}$/u),
        remoteIp: ELSEWHERE.ip,
        domain: 'example.com',
        atMs: world.clock.nowMs,
      },
    ]);
    expect(await signIn(ELSEWHERE)).toMatchObject({ device: 'known' });
    expect(await mails()).toHaveLength(1);
  });

  it.each([
    ['curl/8.5.0', 'curl'],
    ['', 'an unknown device'],
    ['Subject: hello https://example.org/1 (X11; Linux x86_64)', 'an unknown browser on Linux'],
  ])('by %j is told of as %s', async (userAgent, device) => {
    await signIn();
    await signIn({ userAgent });
    expect(await mails()).toMatchObject([{ device }]);
  });

  it('is told of without a link where no portal is configured, and to nobody who has no address', async () => {
    await signIn();
    await signIn({ ...ELSEWHERE, domain: 'example.net' });
    expect(await mails()).toMatchObject([{ disownUrl: null, domain: 'example.net' }]);
    world.accounts.set('bob', { address: null, digest: '' });
    await signIn({ username: 'bob' });
    expect(await signIn({ ...ELSEWHERE, username: 'bob' })).toMatchObject({ device: 'new' });
    expect(await mails()).toHaveLength(1);
  });

  it('of one of many at once is the first, and the others are known', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => signIn()));
    expect(made.filter(({ device }) => device === 'first')).toHaveLength(1);
    expect(made.filter(({ device }) => device === 'known')).toHaveLength(9);
  });

  it('keeps nothing readable of the secret, the address or the browser', async () => {
    const { deviceToken } = await signIn();
    await signIn(ELSEWHERE);
    const stored = JSON.stringify([
      await world.db.selectFrom('known_devices').selectAll().execute(),
      await world.db.selectFrom('sign_ins').selectAll().execute(),
    ]);
    for (const secret of [deviceToken, await tokenOfMail(), HOME.ip, ELSEWHERE.ip, 'Firefox', 'iPhone']) expect(stored).not.toContain(secret);
  });
});

describe('two people on one browser', () => {
  it('are both known by the one secret it keeps', async () => {
    const alices = await signIn();
    const bobs = await signIn({ username: 'bob', deviceToken: alices.deviceToken });
    expect(bobs).toMatchObject({ device: 'first' });
    const { deviceToken } = bobs;
    expect(await signIn({ ...ELSEWHERE, deviceToken })).toEqual({ device: 'known', deviceToken });
    expect(await signIn({ ...ELSEWHERE, username: 'bob', deviceToken })).toEqual({ device: 'known', deviceToken });
  });

  it('who is no friend and planted a secret does not know the one that came of it', async () => {
    const planted = await signIn({ ...ELSEWHERE, username: 'bob' });
    await signIn();
    expect((await signIn({ deviceToken: planted.deviceToken })).deviceToken).not.toBe(planted.deviceToken);
    expect(await signIn({ ...ELSEWHERE, deviceToken: planted.deviceToken })).toMatchObject({ device: 'new' });
  });
});

describe('"this was not me"', () => {
  it('ends the session it told of, and no other, once', async () => {
    await signIn();
    await signIn(ELSEWHERE);
    const token = await tokenOfMail();
    expect(await disown(token)).toEqual({ outcome: 'disowned', username: 'alice' });
    expect(ended).toEqual(['2 of alice: disowned']);
    expect(await disown(token)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(ended).toHaveLength(1);
    expect(await world.logged()).toContain('A sign-in was disowned');
  });

  it('ends whatever began from that browser since, by its secret or by its kind', async () => {
    await signIn();
    const { deviceToken } = await signIn(ELSEWHERE);
    await signIn({ ...ELSEWHERE, deviceToken, ip: '198.51.100.1' });
    await signIn({ userAgent: SAFARI, ip: '198.51.100.2' });
    await signIn(HOME);
    expect(await disown((await mails())[0]?.disownUrl?.split('token=')[1] ?? '')).toMatchObject({ outcome: 'disowned' });
    expect(ended.sort()).toEqual(['2 of alice: disowned', '3 of alice: disowned', '4 of alice: disowned']);
  });

  it('makes whoever comes from there again new, and told of again', async () => {
    await signIn();
    const { deviceToken } = await signIn(ELSEWHERE);
    await disown(await tokenOfMail());
    expect(await signIn({ ...ELSEWHERE, deviceToken })).toMatchObject({ device: 'new' });
    expect(await mails()).toHaveLength(2);
    expect(await signIn()).toMatchObject({ device: 'known' });
  });

  it('of the only browser that is left does not make the next one the first', async () => {
    await signIn();
    world.clock.nowMs += 401 * DAY_MS;
    await signIn(ELSEWHERE);
    await signIns.forgetOld(world.clock.nowMs);
    await disown(await tokenOfMail());
    expect(await signIn(ELSEWHERE)).toMatchObject({ device: 'new' });
  });

  it('works when the session is gone already, and again after the sessions could not be ended', async () => {
    await signIn();
    await signIn(ELSEWHERE);
    const token = await tokenOfMail();
    away = true;
    await expect(disown(token)).rejects.toThrow('away');
    away = false;
    expect(await disown(token)).toMatchObject({ outcome: 'disowned' });
  });

  it('lets one through of many at once', async () => {
    await signIn();
    await signIn(ELSEWHERE);
    const token = await tokenOfMail();
    const replies = await Promise.all(Array.from({ length: 10 }, () => disown(token)));
    expect(replies.filter(({ outcome }) => outcome === 'disowned')).toHaveLength(1);
    expect(replies.filter((reply) => reply.outcome === 'refused' && reply.reason === 'used')).toHaveLength(9);
  });

  it('works for a week, then says so, and then nobody knows it', async () => {
    await signIn();
    await signIn(ELSEWHERE);
    const token = await tokenOfMail();
    world.clock.nowMs += 7 * DAY_MS;
    await signIns.forgetOld(world.clock.nowMs);
    expect(await disown(token)).toEqual({ outcome: 'refused', reason: 'expired' });
    world.clock.nowMs += 7 * DAY_MS + 1;
    await signIns.forgetOld(world.clock.nowMs);
    expect(await disown(token)).toEqual({ outcome: 'refused', reason: 'invalid' });
    expect(ended).toEqual([]);
  });

  it.each(['', 'x', 'x'.repeat(43)])('with the token %j is nothing', async (token) => {
    await signIn();
    expect(await disown(token)).toEqual({ outcome: 'refused', reason: 'invalid' });
  });

  it('ends every session of the user where more began there than are remembered', async () => {
    await signIn();
    const { deviceToken } = await signIn(ELSEWHERE);
    const token = await tokenOfMail();
    for (let more = 0; more < 60; more += 1) await signIn({ ...ELSEWHERE, deviceToken });
    expect(await disown(token)).toMatchObject({ outcome: 'disowned' });
    expect(ended[0]).toBe('all of alice: disowned');
    expect(ended).toContain('2 of alice: disowned');
    expect(ended.length).toBeLessThan(60);
  });
});

describe('what is kept', () => {
  it('of a browser that forgets its secret each time pushes out no other', async () => {
    await signIn();
    const { deviceToken } = await signIn(ELSEWHERE);
    for (let more = 0; more < 60; more += 1) await signIn();
    expect(await signIn({ ip: '198.51.100.1', deviceToken })).toMatchObject({ device: 'known' });
    expect(await world.db.selectFrom('known_devices').selectAll().execute()).toHaveLength(6);
  });

  it('is bounded however many browsers an account is used from, the newest staying', async () => {
    for (let third = 0; third < 120; third += 1) await signIn({ ip: `10.0.${third}.1` });
    expect(await world.db.selectFrom('known_devices').selectAll().execute()).toHaveLength(50);
    expect((await world.db.selectFrom('sign_ins').selectAll().execute()).length).toBeLessThanOrEqual(101);
    expect(await signIn({ ip: '10.0.119.1' })).toMatchObject({ device: 'known' });
    expect(await signIn({ ip: '10.0.1.1' })).toMatchObject({ device: 'new' });
  });

  it('is forgotten after a year and some, but for the last of a person', async () => {
    await signIn({ username: 'bob' });
    const { deviceToken } = await signIn();
    world.clock.nowMs += DAY_MS;
    await signIn(ELSEWHERE);
    world.clock.nowMs += 401 * DAY_MS;
    await signIns.forgetOld(world.clock.nowMs);
    expect(await world.db.selectFrom('known_devices').select('username').orderBy('username').execute()).toEqual([
      { username: 'alice' },
      { username: 'bob' },
    ]);
    expect(await world.db.selectFrom('sign_ins').selectAll().execute()).toEqual([]);
    expect(await signIn({ deviceToken })).toMatchObject({ device: 'new' });
  });
});
