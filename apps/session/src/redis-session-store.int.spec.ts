import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EndingsNotReplayed } from './endings-not-replayed.js';
import type { RedisSessionStore } from './redis-session-store.js';
import { hashOf, newSessionId } from './session-id.js';
import { KEYS, HOUR_MS, recordOf, World, type Replica } from './session-world.fixture.js';

let world: World;
let replica: Replica;
let store: RedisSessionStore;
const newHash = (): string => hashOf(newSessionId());

const open = async (args: readonly string[] = []): Promise<void> => {
  world = await World.open({ args });
  replica = await world.replica();
  store = replica.store;
};
afterEach(() => world.close());

const make = async (username = 'alice', expiresInMs = HOUR_MS) => {
  const record = recordOf(username, { expiresAtMs: Date.now() + expiresInMs });
  const hash = newHash();
  await store.create(hash, record, Date.now());
  return { hash, record, stored: (await store.read(hash))! };
};

describe('on a Redis with room', () => {
  beforeEach(() => open());

  it('keeps no id and no word of a person in its values', async () => {
    const id = newSessionId();
    const { profile, device } = recordOf('alice');
    await store.create(hashOf(id), recordOf('alice'), Date.now());
    const value = (await replica.redis.getBuffer(KEYS.session(hashOf(id))))!.toString('latin1');
    for (const secret of [id, 'alice', profile.displayName, device.userAgent, device.ip]) expect(value).not.toContain(secret);
    expect((await replica.redis.keys('*')).join(' ')).not.toContain(id);
  });

  it('lets a session lie for as long as it lives, and its index for as long as the longest', async () => {
    const long = await make('alice', 10 * HOUR_MS);
    const short = await make('alice', HOUR_MS);
    expect(await replica.redis.pttl(KEYS.session(short.hash))).toBeGreaterThan(HOUR_MS - 60_000);
    expect(await replica.redis.pttl(KEYS.session(short.hash))).toBeLessThanOrEqual(HOUR_MS);
    expect(await replica.redis.pttl(KEYS.user('alice'))).toBeGreaterThan(9 * HOUR_MS);
    expect(await store.hashesOf('alice')).toEqual([short.hash, long.hash]);
  });

  it('does not open a record that was moved to another key', async () => {
    const { hash, stored } = await make();
    const elsewhere = newHash();
    await replica.redis.set(KEYS.session(elsewhere), stored.sealed);
    expect(await store.read(elsewhere)).toBeNull();
    expect((await store.read(hash))?.record.profile.username).toBe('alice');
  });

  it('moves a session to a new hash with the life it had left', async () => {
    const { hash, stored, record } = await make('alice', HOUR_MS);
    await replica.redis.pexpire(KEYS.session(hash), 60_000);
    const next = newHash();
    expect(await store.rotate(stored, next, { ...record, totpAtMs: 5 })).toBe('rotated');
    expect(await store.read(hash)).toBeNull();
    expect((await store.read(next))?.record.totpAtMs).toBe(5);
    expect(await replica.redis.pttl(KEYS.session(next))).toBeLessThanOrEqual(60_000);
    expect(await store.hashesOf('alice')).toEqual([next]);
  });

  it('moves nothing that somebody changed since it was read', async () => {
    const { stored, record } = await make();
    expect(await store.refresh(stored, { ...record, domain: 'example.org' })).toBe('refreshed');
    expect(await store.rotate(stored, newHash(), record)).toBe('changed');
    expect(await store.refresh(stored, record)).toBe('changed');
  });

  it('brings back nothing that somebody ended since it was read', async () => {
    const { hash, stored, record } = await make();
    expect(await store.end(stored)).toBe(true);
    expect(await store.rotate(stored, newHash(), record)).toBe('gone');
    expect(await store.refresh(stored, record)).toBe('gone');
    expect(await store.peek(hash)).toBeNull();
    expect(await store.hashesOf('alice')).toEqual([]);
  });

  it('leaves the life of a session as it was when its record is refreshed', async () => {
    const { hash, stored, record } = await make();
    await replica.redis.pexpire(KEYS.session(hash), 60_000);
    await store.refresh(stored, record);
    const leftMs = await replica.redis.pttl(KEYS.session(hash));
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });

  it('ends every session of a user but one, and nobody else', async () => {
    const [kept, lost] = [await make(), await make()];
    const other = await make('bob');
    expect(await store.endUser('alice', kept.hash)).toBe(1);
    expect(await store.read(lost.hash)).toBeNull();
    expect(await store.hashesOf('alice')).toEqual([kept.hash]);
    expect(await store.read(other.hash)).not.toBeNull();
  });

  it('neither reads nor moves a session while the endings of another process were replayed last', async () => {
    const { stored, record } = await make();
    await replica.keeper.stop();
    await replica.redis.set(KEYS.epoch, 'the run_id of another process');
    await expect(store.read(stored.hash)).rejects.toThrow(EndingsNotReplayed);
    await expect(store.rotate(stored, newHash(), record)).rejects.toThrow(EndingsNotReplayed);
    await expect(store.refresh(stored, record)).rejects.toThrow(EndingsNotReplayed);
    expect(await store.end(stored)).toBe(true);
  });

  it('takes no other key under its prefix for a session', async () => {
    const { hash } = await make();
    await replica.redis.set(KEYS.session('canary:of-a-gateway'), '1');
    const found: string[] = [];
    for await (const hashes of store.scan()) found.push(...hashes);
    expect(found).toEqual([hash]);
  });
});

describe('on a full Redis', () => {
  it('ends and moves sessions, and makes none', async () => {
    await open();
    const [first, second, third] = [await make(), await make(), await make()];
    await replica.redis.config('SET', 'maxmemory', '1');
    await expect(store.create(newHash(), recordOf('bob'), Date.now())).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(await store.refresh(first.stored, { ...first.record, domain: 'example.org' })).toBe('refreshed');
    expect(await store.rotate(second.stored, newHash(), second.record)).toBe('rotated');
    expect(await store.end(third.stored)).toBe(true);
    expect(await store.endUser('alice', null)).toBe(2);
    expect(await store.deleteAll([first.hash])).toBe(0);
  });
});
