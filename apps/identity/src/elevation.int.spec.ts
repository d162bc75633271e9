import type { Notice } from '@portcullis/contracts-notifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Elevations } from './elevation.js';
import { type NoticeWorld, openNoticeWorld, STORAGE_SECRET } from './notice-world.fixture.js';

const MINUTE_MS = 60_000;
const alice = { username: 'alice', handle: 'handle-1', ip: '192.0.2.1' };
const started = { ...alice, domain: 'example.com' };

let world: NoticeWorld;
let elevations: Elevations;
beforeEach(async () => {
  world = await openNoticeWorld();
  world.accounts.set('alice', { address: 'alice@example.com', digest: 'digest' });
  world.accounts.set('bob', { address: 'bob@example.com', digest: 'digest' });
  world.accounts.set('mute', { address: null, digest: 'digest' });
  const settings = { codeLifespanMs: 5 * MINUTE_MS, elevationLifespanMs: 10 * MINUTE_MS, characters: 8 };
  const { db, outbox, people, now, random, portalUrl, log } = world;
  elevations = new Elevations({ db, outbox, secret: STORAGE_SECRET, users: people, now, random, settings, portalUrl, log });
});
afterEach(async () => {
  await world.close();
});

type CodeNotice = Extract<Notice, { kind: 'one_time_code' }>;
async function mailed(): Promise<CodeNotice> {
  const notice = (await world.waiting()).at(-1);
  if (notice?.kind !== 'one_time_code') throw new Error('no code was mailed');
  return notice;
}
async function codeOf(request = started): Promise<string> {
  expect(await elevations.start(request)).toMatchObject({ outcome: 'sent' });
  return (await mailed()).code;
}
/** Well-formed, and certainly not the code. */
const otherThan = (code: string): string => (code.startsWith('A') ? 'B' : 'A').repeat(8);
const outcomeOf = async (request: typeof alice & { code: string }): Promise<string> => (await elevations.finish(request)).outcome;

describe('a one-time code', () => {
  it('goes to the address of the users file, with when and from where, and a link to cancel it', async () => {
    const reply = await elevations.start(started);
    if (reply.outcome !== 'sent') throw new Error(reply.outcome);
    expect(await mailed()).toEqual({
      kind: 'one_time_code',
      to: { name: 'The alice', address: 'alice@example.com' },
      code: expect.stringMatching(/^[ABCDEFGHJKLMNPQRTUVWYXZ2346789]{8}$/u),
      expiresAtMs: world.clock.nowMs + 5 * MINUTE_MS,
      revokeUrl: `https://auth.example.com/revoke/one-time-code?id=${reply.deleteId}`,
      remoteIp: '192.0.2.1',
      domain: 'example.com',
    });
    expect(reply.expiresAtMs).toBe(world.clock.nowMs + 5 * MINUTE_MS);
  });

  it('carries no link where no portal is configured', async () => {
    await elevations.start({ ...started, domain: 'elsewhere.test' });
    expect((await mailed()).revokeUrl).toBeNull();
  });

  it('lets its bearer through once', async () => {
    const code = await codeOf();
    expect(await elevations.finish({ ...alice, code })).toEqual({ outcome: 'elevated', elevatedForMs: 10 * MINUTE_MS });
    expect(await outcomeOf({ ...alice, code })).toBe('refused');
  });

  it('is taken in any case, with spaces and dashes', async () => {
    const code = (await codeOf()).toLowerCase();
    expect(await outcomeOf({ ...alice, code: ` ${code.slice(0, 4)}-${code.slice(4)} ` })).toBe('elevated');
  });

  it.each([
    ['another user', { username: 'bob' }],
    ['another sign-in', { handle: 'handle-2' }],
    ['another address', { ip: '192.0.2.2' }],
  ])('opens nothing for %s', async (_, changes) => {
    const code = await codeOf();
    expect(await outcomeOf({ ...alice, ...changes, code })).toBe('refused');
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });

  it('ends when a newer one is asked for, whose mail goes alone', async () => {
    const older = await codeOf();
    const newer = await codeOf({ ...started, handle: 'handle-2' });
    expect(await outcomeOf({ ...alice, code: older })).toBe('refused');
    expect(await outcomeOf({ ...alice, handle: 'handle-2', code: newer })).toBe('elevated');
    expect((await world.rows()).map(({ state, last_error, payload }) => ({ state, last_error, sealed: payload !== null }))).toEqual(
      expect.arrayContaining([
        { state: 'dropped', last_error: 'a newer code was asked for', sealed: false },
        { state: 'waiting', last_error: null, sealed: true },
      ]),
    );
  });

  it('is refused from the moment it expires', async () => {
    const code = await codeOf();
    world.clock.nowMs += 5 * MINUTE_MS;
    expect(await outcomeOf({ ...alice, code })).toBe('refused');
    world.clock.nowMs -= 1;
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });

  it('is ended by five wrong tries of the user, wherever they come from', async () => {
    const code = await codeOf();
    for (const number of [1, 2, 3, 4, 5]) {
      expect(await outcomeOf({ ...alice, ip: `192.0.2.${number}`, handle: `handle-${number}`, code: otherThan(code) })).toBe('refused');
    }
    expect(await outcomeOf({ ...alice, code })).toBe('refused');
    expect(await world.logged()).toMatch(/ended by wrong tries.*username=alice/u);
    // A new one is a new chance.
    expect(await outcomeOf({ ...alice, code: await codeOf() })).toBe('elevated');
  });

  it('survives four wrong tries, and any number of malformed ones', async () => {
    const code = await codeOf();
    for (let tried = 0; tried < 4; tried += 1) await outcomeOf({ ...alice, code: otherThan(code) });
    for (const malformed of ['', 'ABC', 'ABCDEFGHJ', '00000000', 'ABCDEFG!', 'A'.repeat(100_000)]) {
      for (let tried = 0; tried < 5; tried += 1) expect(await outcomeOf({ ...alice, code: malformed })).toBe('refused');
    }
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });

  it('of one user is not ended by the wrong tries of another', async () => {
    const code = await codeOf();
    await codeOf({ ...started, username: 'bob' });
    for (let tried = 0; tried < 9; tried += 1) await outcomeOf({ ...alice, username: 'bob', code: otherThan(code) });
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });

  it('lets exactly one through of many that use it at once', async () => {
    const code = await codeOf();
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcomeOf({ ...alice, code })));
    expect(outcomes.filter((outcome) => outcome === 'elevated')).toHaveLength(1);
  });

  it('is not in the store as it is, nor is its cancel link', async () => {
    const code = await codeOf();
    const { deleteId } = (await elevations.start(started)) as { deleteId: string };
    const latest = (await mailed()).code;
    const stored = JSON.stringify(await world.db.selectFrom('one_time_codes').selectAll().execute()) + JSON.stringify(await world.rows());
    for (const secret of [code, latest, deleteId]) expect(stored).not.toContain(secret);
  });
});

describe('a person without an address', () => {
  it('is told so, and no code is made', async () => {
    expect(await elevations.start({ ...started, username: 'mute' })).toEqual({ outcome: 'no_address' });
    expect(await world.rows()).toEqual([]);
    expect(await world.db.selectFrom('one_time_codes').selectAll().execute()).toEqual([]);
  });
});

describe('the cancel link', () => {
  it('ends the code once, and its mail if that has not gone', async () => {
    const reply = await elevations.start(started);
    if (reply.outcome !== 'sent') throw new Error(reply.outcome);
    const { code } = await mailed();
    expect(await elevations.revoke({ deleteId: reply.deleteId })).toEqual({ outcome: 'revoked' });
    expect(await elevations.revoke({ deleteId: reply.deleteId })).toEqual({ outcome: 'unknown' });
    expect(await outcomeOf({ ...alice, code })).toBe('refused');
    expect((await world.rows()).map(({ state }) => state)).toEqual(['dropped']);
  });

  it.each(['', '!!!!', 'AAAAAAAAAAAAAAAAAAAAAA'])('%j cancels nothing', async (deleteId) => {
    const code = await codeOf();
    expect(await elevations.revoke({ deleteId })).toEqual({ outcome: 'unknown' });
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });

  it('of an older code does not touch the newer one', async () => {
    const older = (await elevations.start(started)) as { deleteId: string };
    const code = await codeOf();
    expect(await elevations.revoke({ deleteId: older.deleteId })).toEqual({ outcome: 'unknown' });
    expect(await outcomeOf({ ...alice, code })).toBe('elevated');
  });
});

it('forgets codes a day after they ended', async () => {
  await codeOf();
  await elevations.forgetOld(world.clock.nowMs + 24 * 60 * MINUTE_MS);
  expect(await world.db.selectFrom('one_time_codes').selectAll().execute()).toHaveLength(1);
  await elevations.forgetOld(world.clock.nowMs + 25 * 60 * MINUTE_MS);
  expect(await world.db.selectFrom('one_time_codes').selectAll().execute()).toEqual([]);
});
