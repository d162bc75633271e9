import type { Notice } from '@portcullis/contracts-notifier';
import { inTransaction } from '@portcullis/platform-sql';
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NoticeWorld, openNoticeWorld, STORAGE_SECRET } from './notice-world.fixture.js';
import { Resets, type ResetOptions } from './reset.js';

const MINUTE_MS = 60_000;
const JWT_SECRET = 'the secret of links';
const started = { username: 'alice', ip: '192.0.2.1', domain: 'example.com' };

let world: NoticeWorld;
let resets: Resets;
beforeEach(async () => {
  world = await openNoticeWorld();
  world.accounts.set('alice', { address: 'alice@example.com', digest: 'digest' });
  world.accounts.set('bob', { address: 'bob@example.com', digest: 'digest' });
  world.accounts.set('mute', { address: null, digest: 'digest' });
  resets = resetsWith({});
});
afterEach(async () => {
  await world.close();
});

function resetsWith(changes: Partial<ResetOptions['settings']>): Resets {
  const { db, outbox, people, credentials, now, random, portalUrl, log } = world;
  const settings = { jwtSecret: JWT_SECRET, jwtAlgorithm: 'HS256' as const, jwtLifespanMs: 5 * MINUTE_MS, disabled: false, ...changes };
  return new Resets({ db, outbox, secret: STORAGE_SECRET, users: people, credentials, now, random, settings, portalUrl, log });
}

type ResetNotice = Extract<Notice, { kind: 'password_reset' }>;
async function mailed(): Promise<ResetNotice> {
  const notice = (await world.waiting()).at(-1);
  if (notice?.kind !== 'password_reset') throw new Error('no link was mailed');
  return notice;
}
async function linkFor(username = 'alice'): Promise<ResetNotice> {
  await resets.start({ ...started, username });
  return mailed();
}
const finish = (token: string, domain = 'example.com') => resets.finish({ token, ip: '192.0.2.1', domain });
async function grantFor(username = 'alice'): Promise<string> {
  const finished = await finish((await linkFor(username)).token);
  if (finished.outcome !== 'granted') throw new Error(finished.reason);
  return finished.grant;
}
const redeem = (grant: string) => inTransaction(world.db, (trx) => resets.redeem(trx, grant));
const refused = (reason: string) => ({ outcome: 'refused', reason });
const cancelToken = ({ revokeUrl }: ResetNotice): string => new URL(revokeUrl ?? '').searchParams.get('token') ?? '';
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('a link', () => {
  it('goes to the address of the users file, and is a signed token', async () => {
    const notice = await linkFor();
    expect(notice).toMatchObject({
      to: { name: 'The alice', address: 'alice@example.com' },
      url: `https://auth.example.com/reset-password/step2?token=${notice.token}`,
      expiresAtMs: world.clock.nowMs + 5 * MINUTE_MS,
      remoteIp: '192.0.2.1',
      domain: 'example.com',
    });
    const [header, body, signature] = notice.token.split('.');
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payloadOf(notice.token)).toEqual({
      jti: expect.stringMatching(/^[\w-]{22}$/u),
      iss: 'https://auth.example.com/',
      iat: world.clock.nowMs / 1000,
      exp: (world.clock.nowMs + 5 * MINUTE_MS) / 1000,
      action: 'ResetPassword',
      username: 'alice',
    });
    expect(signature).toBe(createHmac('sha256', JWT_SECRET).update(`${header}.${body}`).digest('base64url'));
  });

  it('is text alone where no portal is configured', async () => {
    await resets.start({ ...started, domain: 'elsewhere.test' });
    const notice = await mailed();
    expect(notice).toMatchObject({ url: null, revokeUrl: null });
    expect(payloadOf(notice.token)['iss']).toBe('Portcullis');
    expect(await finish(notice.token, 'elsewhere.test')).toMatchObject({ outcome: 'granted' });
  });

  it.each(['HS256', 'HS384', 'HS512'] as const)('is signed with %s where that is configured, and no other is taken', async (jwtAlgorithm) => {
    resets = resetsWith({ jwtAlgorithm });
    const { token } = await linkFor();
    for (const other of ['HS256', 'HS384', 'HS512'] as const) {
      if (other !== jwtAlgorithm)
        expect(await resetsWith({ jwtAlgorithm: other }).finish({ token, ip: '', domain: 'example.com' })).toEqual(refused('invalid'));
    }
    expect(await finish(token)).toMatchObject({ outcome: 'granted' });
  });

  it('works once', async () => {
    const { token } = await linkFor();
    expect(await finish(token)).toEqual({
      outcome: 'granted',
      grant: expect.stringMatching(/^[\w-]{43}$/u),
      expiresAtMs: world.clock.nowMs + 10 * MINUTE_MS,
    });
    expect(await finish(token)).toEqual(refused('used'));
  });

  it('is exchanged exactly once of many that use it at once', async () => {
    const { token } = await linkFor();
    const replies = await Promise.all(Array.from({ length: 40 }, () => finish(token)));
    expect(replies.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1);
    expect(replies.filter((reply) => reply.outcome === 'refused' && reply.reason === 'used')).toHaveLength(39);
  });

  it('is refused from the moment it expires, also long after', async () => {
    const { token } = await linkFor();
    world.clock.nowMs += 5 * MINUTE_MS;
    expect(await finish(token)).toEqual(refused('expired'));
    await resets.forgetOld(world.clock.nowMs + 48 * 60 * MINUTE_MS);
    expect(await world.db.selectFrom('password_resets').selectAll().execute()).toEqual([]);
    expect(await finish(token)).toEqual(refused('expired'));
  });

  it('still works a millisecond before it expires', async () => {
    const { token } = await linkFor();
    world.clock.nowMs += 5 * MINUTE_MS - 1;
    expect(await finish(token)).toMatchObject({ outcome: 'granted' });
  });

  it('is not valid at another portal, and is not used up by the try', async () => {
    const { token } = await linkFor();
    expect(await finish(token, 'other.test')).toEqual(refused('invalid'));
    expect(await finish(token)).toMatchObject({ outcome: 'granted' });
  });

  it('ends when a newer one is asked for, whose mail goes alone', async () => {
    const older = await linkFor();
    const newer = await linkFor();
    expect(await finish(older.token)).toEqual(refused('revoked'));
    expect(await finish(newer.token)).toMatchObject({ outcome: 'granted' });
    expect((await world.rows()).map(({ state }) => state).sort()).toEqual(['dropped', 'waiting']);
  });

  it('of one user is not ended by another user who asks for one', async () => {
    const { token } = await linkFor();
    await linkFor('bob');
    expect(await finish(token)).toMatchObject({ outcome: 'granted' });
  });

  it('is not in the store as it is, nor is the cancel token or the grant', async () => {
    const notice = await linkFor();
    const finished = await finish(notice.token);
    const stored = JSON.stringify(await world.db.selectFrom('password_resets').selectAll().execute()) + JSON.stringify(await world.rows());
    const grant = finished.outcome === 'granted' ? finished.grant : '';
    for (const secret of [notice.token, cancelToken(notice), grant]) {
      expect(secret).not.toBe('');
      expect(stored).not.toContain(secret);
    }
  });
});

describe('a token that is not ours', () => {
  const forgeries: Readonly<Record<string, (token: string) => string>> = {
    garbage: () => 'garbage',
    nothing: () => '',
    'a changed signature': (token) => `${token.slice(0, -6)}${token.at(-6) === 'A' ? 'B' : 'A'}${token.slice(-5)}`,
    'another name in it': (token) => [token.split('.')[0], encode({ ...payloadOf(token), username: 'bob' }), token.split('.')[2]].join('.'),
    'the algorithm none': (token) => `${encode({ alg: 'none', typ: 'JWT' })}.${token.split('.')[1] ?? ''}.`,
    'a signature of another secret': (token) => sign(encode({ alg: 'HS256', typ: 'JWT' }), token.split('.')[1] ?? '', 'another secret'),
    'another action, rightly signed': (token) => sign(token.split('.')[0] ?? '', encode({ ...payloadOf(token), action: 'Other' }), JWT_SECRET),
    'a row that never was, rightly signed': (token) => sign(token.split('.')[0] ?? '', encode({ ...payloadOf(token), jti: 'other' }), JWT_SECRET),
    'no JSON, rightly signed': (token) => sign(token.split('.')[0] ?? '', Buffer.from('{').toString('base64url'), JWT_SECRET),
  };
  const sign = (header: string, body: string, secret: string): string =>
    `${header}.${body}.${createHmac('sha256', secret).update(`${header}.${body}`).digest('base64url')}`;

  it.each(Object.keys(forgeries))('%s is not valid, and ends nothing', async (name) => {
    const { token } = await linkFor();
    expect(await finish(forgeries[name]!(token))).toEqual(refused('invalid'));
    expect(await finish(token)).toMatchObject({ outcome: 'granted' });
  });
});

describe('asking for a link', () => {
  it.each([['nobody'], ['mute'], [''], ['ALICE']])('for %j answers as for anybody, mails nothing and leaves nothing', async (username) => {
    expect(await resets.start({ ...started, username })).toEqual({ outcome: 'accepted' });
    expect(await world.rows()).toEqual([]);
    expect(await world.db.selectFrom('password_resets').selectAll().execute()).toEqual([]);
  });

  it('for a name nobody has does to the store what is done for a user, so that the time is the same', async () => {
    const statements: string[] = [];
    const counted = world.db.withPlugin({
      transformQuery: ({ node }) => {
        statements.push(node.kind);
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    const { outbox, people, credentials, now, random, portalUrl, log } = world;
    const settings = { jwtSecret: JWT_SECRET, jwtAlgorithm: 'HS256' as const, jwtLifespanMs: 5 * MINUTE_MS, disabled: false };
    resets = new Resets({ db: counted, outbox, secret: STORAGE_SECRET, users: people, credentials, now, random, settings, portalUrl, log });
    await resets.start(started);
    const known = statements.splice(0);
    await resets.start({ ...started, username: 'nobody' });
    expect(statements.slice(0, known.length)).toEqual(known);
    // What was written is taken out again, before anything is on the disk.
    expect(statements.slice(known.length)).toEqual(['DeleteQueryNode', 'DeleteQueryNode']);
  });

  it('answers the same where resetting is disabled, and does nothing', async () => {
    const { token } = await linkFor();
    const disabled = resetsWith({ disabled: true });
    expect(await disabled.start(started)).toEqual({ outcome: 'accepted' });
    expect(await world.rows()).toHaveLength(1);
    expect(await disabled.finish({ token, ip: '', domain: 'example.com' })).toEqual(refused('invalid'));
  });
});

describe('a grant', () => {
  it('names its holder as often as asked, and is used up once', async () => {
    const grant = await grantFor();
    expect(await resets.holder(grant)).toBe('alice');
    expect(await resets.holder(grant)).toBe('alice');
    expect(await redeem(grant)).toBe('alice');
    expect(await redeem(grant)).toBeNull();
    expect(await resets.holder(grant)).toBeNull();
  });

  it('is used up exactly once of many that use it at once', async () => {
    const grant = await grantFor();
    const holders = await Promise.all(Array.from({ length: 20 }, () => redeem(grant)));
    expect(holders.filter((holder) => holder === 'alice')).toHaveLength(1);
  });

  it('is as it was when the transaction that used it is undone', async () => {
    const grant = await grantFor();
    const undone = inTransaction(world.db, async (trx) => {
      expect(await resets.redeem(trx, grant)).toBe('alice');
      throw new Error('the file cannot be written');
    });
    await expect(undone).rejects.toThrow('cannot be written');
    expect(await redeem(grant)).toBe('alice');
  });

  it('lives ten minutes', async () => {
    const grant = await grantFor();
    world.clock.nowMs += 10 * MINUTE_MS;
    expect(await resets.holder(grant)).toBeNull();
    expect(await redeem(grant)).toBeNull();
    world.clock.nowMs -= 1;
    expect(await redeem(grant)).toBe('alice');
  });

  it.each([
    ['the password', { address: 'alice@example.com', digest: 'another digest' }],
    ['the address', { address: 'mallory@example.com', digest: 'digest' }],
  ])('and a link end when %s changes', async (_, account) => {
    const grant = await grantFor();
    const { token } = await linkFor();
    world.accounts.set('alice', account);
    expect(await resets.holder(grant)).toBeNull();
    expect(await redeem(grant)).toBeNull();
    expect(await finish(token)).toEqual(refused('revoked'));
  });

  it('and a link end when the user is gone', async () => {
    const grant = await grantFor();
    const { token } = await linkFor();
    world.accounts.delete('alice');
    expect(await resets.holder(grant)).toBeNull();
    expect(await finish(token)).toEqual(refused('revoked'));
  });

  it('ends every other link and grant of the user when it is used', async () => {
    const first = await grantFor();
    const second = await grantFor();
    const { token } = await linkFor();
    expect(await redeem(second)).toBe('alice');
    expect(await resets.holder(first)).toBeNull();
    expect(await finish(token)).toEqual(refused('revoked'));
  });

  it.each(['', 'garbage', 'A'.repeat(43)])('%j is nobody’s', async (grant) => {
    await grantFor();
    expect(await resets.holder(grant)).toBeNull();
    expect(await redeem(grant)).toBeNull();
  });
});

describe('the cancel link', () => {
  it('has a token of its own, which opens nothing', async () => {
    const notice = await linkFor();
    expect(notice.revokeUrl).toMatch(/^https:\/\/auth\.example\.com\/revoke\/reset-password\?token=[\w-]{43}$/u);
    expect(await finish(cancelToken(notice))).toEqual(refused('invalid'));
    expect(await resets.holder(cancelToken(notice))).toBeNull();
    expect(await finish(notice.token)).toMatchObject({ outcome: 'granted' });
  });

  it('ends the link, says so when it is used again, and stops the mail', async () => {
    const notice = await linkFor();
    expect(await resets.revoke({ token: cancelToken(notice) })).toEqual({ outcome: 'revoked' });
    expect(await resets.revoke({ token: cancelToken(notice) })).toEqual({ outcome: 'already_revoked' });
    expect(await finish(notice.token)).toEqual(refused('revoked'));
    expect((await world.rows()).map(({ state }) => state)).toEqual(['dropped']);
  });

  it('ends a grant that was got by the link', async () => {
    const notice = await linkFor();
    const finished = await finish(notice.token);
    const grant = finished.outcome === 'granted' ? finished.grant : '';
    expect(await resets.revoke({ token: cancelToken(notice) })).toEqual({ outcome: 'revoked' });
    expect(await resets.holder(grant)).toBeNull();
    expect(await redeem(grant)).toBeNull();
  });

  it('has nothing to end when the password is set already, or all has expired', async () => {
    const used = await linkFor();
    const finished = await finish(used.token);
    await redeem(finished.outcome === 'granted' ? finished.grant : '');
    expect(await resets.revoke({ token: cancelToken(used) })).toEqual({ outcome: 'unknown' });
    const old = await linkFor('bob');
    world.clock.nowMs += 5 * MINUTE_MS;
    expect(await resets.revoke({ token: cancelToken(old) })).toEqual({ outcome: 'unknown' });
  });

  it('is not needed by whoever holds the link itself', async () => {
    const notice = await linkFor();
    expect(await resets.revoke({ token: notice.token })).toEqual({ outcome: 'revoked' });
    expect(await finish(notice.token)).toEqual(refused('revoked'));
  });

  it.each(['', 'garbage', 'A'.repeat(43)])('%j cancels nothing', async (token) => {
    const notice = await linkFor();
    expect(await resets.revoke({ token })).toEqual({ outcome: 'unknown' });
    expect(await finish(notice.token)).toMatchObject({ outcome: 'granted' });
  });
});
