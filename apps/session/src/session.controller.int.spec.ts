import type { Redis } from '@portcullis/platform-redis';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSession } from './create-session.js';
import { SessionEndings } from './end-sessions.js';
import { RedisSessionStore } from './redis-session-store.js';
import type { SealedRecords } from './sealed-records.js';
import { hashOf } from './session-id.js';
import { ASKED, DEVICE, HOUR_MS, KEYS, profileOf, World, type Replica } from './session-world.fixture.js';

/** Something happens to the user after the session was decided on and before it is there. */
class LateStore extends RedisSessionStore {
  constructor(
    redis: Redis,
    records: SealedRecords,
    private readonly before: () => Promise<unknown>,
  ) {
    super(redis, KEYS, records);
  }
  override async create(...args: Parameters<RedisSessionStore['create']>): Promise<void> {
    await this.before();
    await super.create(...args);
  }
}

let world: World;
let sessions: Replica;
let other: Replica;
beforeAll(async () => {
  world = await World.open();
  sessions = await world.replica();
  other = await world.replica();
});
beforeEach(async () => {
  await sessions.controller.endAll({ reason: 'revoked' }, ASKED);
  world.clock.pass(1);
  sessions.ended.clear();
});
afterAll(() => world.close());

const create = (domain: string, remember: boolean) =>
  sessions.controller.create({ profile: profileOf('alice'), domain, remember, device: DEVICE, replaces: null }, ASKED);

describe('create', () => {
  it('begins at level one, with 256 random bits for an id', async () => {
    const id = await sessions.signIn('alice');
    expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    const record = await sessions.recordOf(id);
    expect(record).toMatchObject({
      profile: profileOf('alice'),
      domain: 'example.com',
      remembered: false,
      totpAtMs: null,
      elevation: null,
      device: DEVICE,
    });
    expect(record?.passwordAtMs).toBe(record?.createdAtMs);
  });

  it.each([
    ['example.com', false, HOUR_MS, false],
    ['example.com', true, 720 * HOUR_MS, true],
    ['example.org', false, 2 * HOUR_MS, false],
    ['example.org', true, 2 * HOUR_MS, false],
  ])('lives on %s, with the box ticked: %s, for %d ms', async (domain, remember, lifetimeMs, remembered) => {
    const fromMs = world.clock.now();
    const created = await create(domain, remember);
    if (created.outcome !== 'created') throw new Error(created.outcome);
    expect(created.remembered).toBe(remembered);
    expect(created.expiresAtMs - lifetimeMs).toBeGreaterThanOrEqual(fromMs);
    expect(created.expiresAtMs - lifetimeMs).toBeLessThanOrEqual(world.clock.now());
  });

  it('makes nothing for a domain that is not configured', async () => {
    expect(await create('example.net', false)).toEqual({ outcome: 'unknown_domain' });
    expect((await sessions.controller.list({ username: null, limit: 10 })).sessions).toEqual([]);
  });

  it('ends the session it replaces, whoever it belonged to', async () => {
    const before = await sessions.signIn('bob');
    const after = await sessions.signIn('alice', { replaces: before });
    expect(await sessions.isInRedis(before)).toBe(false);
    expect(await sessions.isLive(after)).toBe(true);
    expect((await sessions.journal.find(hashOf(before)))?.reason).toBe('replaced');
    expect(sessions.ended.get('replaced')).toBe(1);
  });

  it('is not stopped by an id that never was', async () => {
    expect(await sessions.isLive(await sessions.signIn('alice', { replaces: 'chosen by somebody' }))).toBe(true);
    expect(await sessions.isLive('chosen by somebody')).toBe(false);
  });

  it('makes no session that slips past an ending of all the user has', async () => {
    const end = () => other.controller.endUser({ username: 'alice', exceptId: null, reason: 'password_reset' }, ASKED);
    const late = new LateStore(sessions.redis, sessions.records, end);
    const request = { profile: profileOf('alice'), domain: 'example.com', remember: false, device: DEVICE, replaces: null };
    const parts = { ...sessions.parts, store: late };
    await expect(createSession(parts, new SessionEndings(parts), request, ASKED)).rejects.toMatchObject({ code: 'ENDED_MEANWHILE' });
    await eventually('it is gone from Redis too', async () => (await sessions.store.peekAll(await sessions.store.hashesOf('alice'))).length === 0);
  });
});

describe('an expired session', () => {
  it('is gone for whoever asks, by the clock and not only by Redis', async () => {
    const id = await sessions.signIn('alice');
    world.clock.pass(HOUR_MS);
    expect(await sessions.controller.read({ id })).toEqual({ outcome: 'gone' });
    expect(await sessions.controller.raise({ id, factor: 'totp' }, ASKED)).toEqual({ outcome: 'gone' });
    expect((await sessions.controller.list({ username: 'alice', limit: 10 })).sessions).toEqual([]);
    expect(await sessions.controller.refreshUser({ username: 'alice', profile: profileOf('alice', ['new']) }, ASKED)).toEqual({
      refreshed: 0,
      ended: 0,
    });
  });
});

describe('a session that changes', () => {
  it('gets a new id with the second factor and stays the same sign-in', async () => {
    const id = await sessions.signIn('alice');
    const before = await sessions.recordOf(id);
    const raised = await sessions.raise(id);
    expect(raised).not.toBe(id);
    const after = await sessions.recordOf(raised);
    expect(after).toEqual({ ...before, totpAtMs: after?.totpAtMs, issuedAtMs: after?.issuedAtMs });
    expect(after?.totpAtMs).not.toBeNull();
  });

  it('leaves nothing of its old id but the row that says it is dead', async () => {
    const id = await sessions.signIn('alice');
    await sessions.raise(id);
    expect(await sessions.isInRedis(id)).toBe(false);
    expect(await sessions.controller.raise({ id, factor: 'totp' }, ASKED)).toEqual({ outcome: 'gone' });
    expect((await sessions.journal.find(hashOf(id)))?.reason).toBe('rotated');
  });

  it('is elevated for a time and an address, and lowered again, each time under a new id', async () => {
    const id = await sessions.signIn('alice');
    const elevated = await sessions.controller.elevate({ id, ip: '192.0.2.9', forMs: 60_000 }, ASKED);
    if (elevated.outcome !== 'rotated') throw new Error(elevated.outcome);
    const record = await sessions.recordOf(elevated.id);
    expect(record?.elevation).toEqual({ ip: '192.0.2.9', untilMs: record!.issuedAtMs + 60_000 });
    const lowered = await sessions.controller.lower({ id: elevated.id }, ASKED);
    if (lowered.outcome !== 'rotated') throw new Error(lowered.outcome);
    expect((await sessions.recordOf(lowered.id))?.elevation).toBeNull();
    expect(new Set([id, elevated.id, lowered.id]).size).toBe(3);
  });

  it('can be renewed with nothing else changed', async () => {
    const id = await sessions.signIn('alice');
    const before = await sessions.recordOf(id);
    const renewed = await sessions.controller.renew({ id }, ASKED);
    if (renewed.outcome !== 'rotated') throw new Error(renewed.outcome);
    expect(await sessions.recordOf(renewed.id)).toEqual({ ...before, issuedAtMs: expect.any(Number) as number });
  });

  it('loses neither the factor nor the profile when both come at once', async () => {
    for (let round = 0; round < 40; round += 1) {
      const id = await sessions.signIn('alice');
      const groups = [`round ${round}`];
      const [raised, refreshed] = await Promise.all([
        sessions.raise(id),
        other.controller.refreshUser({ username: 'alice', profile: profileOf('alice', groups) }, ASKED),
      ]);
      const record = await sessions.recordOf(raised);
      expect(record?.totpAtMs).not.toBeNull();
      expect(record?.profile.groups).toEqual(groups);
      expect(refreshed.refreshed).toBeGreaterThanOrEqual(1);
      await sessions.controller.end({ id: raised, reason: 'logout' }, ASKED);
    }
  });

  it.each(['end', 'endUser', 'endAll'] as const)('is dead after %s, also if it was changing at that moment', async (way) => {
    for (let round = 0; round < 40; round += 1) {
      const id = await sessions.signIn('alice');
      const end = () => {
        if (way === 'end') return other.controller.end({ id, reason: 'logout' }, ASKED);
        if (way === 'endUser') return other.controller.endUser({ username: 'alice', exceptId: null, reason: 'revoked' }, ASKED);
        return other.controller.endAll({ reason: 'revoked' }, ASKED);
      };
      const [raised] = await Promise.all([sessions.controller.raise({ id, factor: 'totp' }, ASKED), end()]);
      expect(await sessions.isInRedis(id)).toBe(false);
      if (raised.outcome === 'rotated') expect(await sessions.isInRedis(raised.id)).toBe(false);
      world.clock.pass(1);
    }
  });
});

describe('end', () => {
  it('says whether there was anything to end, and writes it down', async () => {
    const id = await sessions.signIn('alice');
    expect(await sessions.controller.end({ id, reason: 'logout' }, ASKED)).toEqual({ outcome: 'ended', existed: true });
    expect(await sessions.controller.end({ id, reason: 'logout' }, ASKED)).toEqual({ outcome: 'ended', existed: false });
    expect(await sessions.isLive(id)).toBe(false);
    expect((await sessions.journal.find(hashOf(id)))?.reason).toBe('logout');
    expect(sessions.ended.get('logout')).toBe(1);
  });

  it('writes nothing down for ids that never were', async () => {
    const before = await sessions.journal.size();
    expect(await sessions.controller.end({ id: 'chosen by somebody', reason: 'logout' }, ASKED)).toEqual({ outcome: 'ended', existed: false });
    expect(await sessions.journal.size()).toBe(before);
  });

  it('ends the sign-in under the id it has just got', async () => {
    const id = await sessions.signIn('alice');
    const raised = await sessions.raise(id);
    expect(await sessions.controller.end({ id, reason: 'logout' }, ASKED)).toEqual({ outcome: 'ended', existed: true });
    expect(await sessions.isLive(raised)).toBe(false);
  });

  it('gives an id of long ago no power over the sign-in', async () => {
    const id = await sessions.signIn('alice');
    const raised = await sessions.raise(id);
    world.clock.pass(60_000);
    expect(await sessions.controller.end({ id, reason: 'logout' }, ASKED)).toEqual({ outcome: 'ended', existed: false });
    expect(await sessions.isLive(raised)).toBe(true);
  });

  it('ends one device of a user by its handle, and never that of another user', async () => {
    const [mine, hers] = [await sessions.signIn('bob'), await sessions.signIn('alice')];
    const handle = (await sessions.recordOf(hers))!.handle;
    expect(await sessions.controller.endByHandle({ username: 'bob', handle, reason: 'revoked' }, ASKED)).toEqual({ ended: 0 });
    expect(await sessions.isLive(hers)).toBe(true);
    expect(await sessions.controller.endByHandle({ username: 'alice', handle, reason: 'revoked' }, ASKED)).toEqual({ ended: 1 });
    expect([await sessions.isLive(hers), await sessions.isLive(mine)]).toEqual([false, true]);
  });

  it('ends a disowned sign-in under whatever id it has by then, written down and counted as that', async () => {
    const stranger = await sessions.signIn('alice');
    const { handle } = (await sessions.recordOf(stranger))!;
    const raised = await sessions.raise(stranger);
    expect(await sessions.controller.endByHandle({ username: 'alice', handle, reason: 'disowned' }, ASKED)).toEqual({ ended: 1 });
    expect([await sessions.isLive(stranger), await sessions.isLive(raised)]).toEqual([false, false]);
    expect(await sessions.journal.find(hashOf(raised))).toMatchObject({ username: 'alice', handle, reason: 'disowned' });
    expect(sessions.ended.get('disowned')).toBe(1);
    expect(await sessions.controller.endByHandle({ username: 'alice', handle, reason: 'disowned' }, ASKED)).toEqual({ ended: 0 });
  });

  it('ends every session of a user but the one named, whose it must be', async () => {
    const [kept, lost, bobs] = [await sessions.signIn('alice'), await sessions.signIn('alice'), await sessions.signIn('bob')];
    expect(await sessions.controller.endUser({ username: 'alice', exceptId: kept, reason: 'password_changed' }, ASKED)).toEqual({ ended: 1 });
    expect([await sessions.isLive(kept), await sessions.isLive(lost)]).toEqual([true, false]);
    expect(await sessions.controller.endUser({ username: 'alice', exceptId: bobs, reason: 'revoked' }, ASKED)).toEqual({ ended: 1 });
    expect(await sessions.isLive(bobs)).toBe(true);
  });

  it('ends those of everybody', async () => {
    const ids = [await sessions.signIn('alice'), await sessions.signIn('bob'), await sessions.signIn('carol', { remember: true })];
    expect(await sessions.controller.endAll({ reason: 'revoked' }, ASKED)).toEqual({ ended: 3 });
    for (const id of ids) expect(await sessions.isInRedis(id)).toBe(false);
  });
});

describe('list', () => {
  it('names devices, newest first, with nothing that opens anything', async () => {
    const first = await sessions.signIn('alice');
    world.clock.pass(10);
    const second = await sessions.signIn('alice', { remember: true });
    world.clock.pass(10);
    await sessions.signIn('bob');
    const { sessions: listed } = await sessions.controller.list({ username: 'alice', limit: 10 });
    expect(listed).toMatchObject([
      { username: 'alice', level: 1, remembered: true, domain: 'example.com', device: DEVICE },
      { username: 'alice', level: 1, remembered: false },
    ]);
    for (const id of [first, second]) for (const opener of [id, hashOf(id)]) expect(JSON.stringify(listed)).not.toContain(opener);
    expect((await sessions.controller.list({ username: null, limit: 10 })).sessions.map(({ username }) => username)).toEqual([
      'bob',
      'alice',
      'alice',
    ]);
    expect((await sessions.controller.list({ username: null, limit: 1 })).sessions.map(({ username }) => username)).toEqual(['bob']);
  });

  it('takes the later of the record and of what gateways saw', async () => {
    const id = await sessions.signIn('alice');
    const seenMs = world.clock.now() + 5000;
    await sessions.redis.zadd('portcullis:seen', seenMs, hashOf(id));
    expect((await sessions.controller.list({ username: 'alice', limit: 1 })).sessions[0]?.lastSeenMs).toBe(seenMs);
    expect(await sessions.controller.read({ id })).toMatchObject({ outcome: 'live', lastSeenMs: seenMs });
  });

  it('leaves out those that would be ended for inactivity', async () => {
    await sessions.signIn('alice');
    await sessions.signIn('alice', { remember: true });
    world.clock.pass(HOUR_MS / 2);
    expect((await sessions.controller.list({ username: 'alice', limit: 10 })).sessions.map(({ remembered }) => remembered)).toEqual([true]);
  });
});

describe('refreshUser', () => {
  it('gives the profile to every live session of the user, as often as it is asked', async () => {
    const ids = [await sessions.signIn('alice', { groups: ['admins'] }), await sessions.signIn('alice', { remember: true, groups: ['admins'] })];
    const bobs = await sessions.signIn('bob', { groups: ['admins'] });
    for (let asked = 0; asked < 2; asked += 1) {
      expect(await sessions.controller.refreshUser({ username: 'alice', profile: profileOf('alice', []) }, ASKED)).toEqual({
        refreshed: 2,
        ended: 0,
      });
      for (const id of ids) expect((await sessions.recordOf(id))?.profile.groups).toEqual([]);
    }
    expect((await sessions.recordOf(bobs))?.profile.groups).toEqual(['admins']);
  });

  it('ends those of a user who is disabled or gone', async () => {
    const id = await sessions.signIn('alice');
    expect(await sessions.controller.refreshUser({ username: 'alice', profile: null }, ASKED)).toEqual({ refreshed: 0, ended: 1 });
    expect(await sessions.isLive(id)).toBe(false);
    expect(sessions.ended.get('user_disabled')).toBe(1);
  });
});
