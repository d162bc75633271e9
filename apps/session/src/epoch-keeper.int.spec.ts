import { eventually } from '@portcullis/platform-redis/testing';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { EndingsNotReplayed } from './endings-not-replayed.js';
import { hashOf } from './session-id.js';
import { KEYS, ASKED, profileOf, World, type Replica } from './session-world.fixture.js';

let world: World;
afterEach(() => world.close());

const APPENDING = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** A Redis that is killed and comes up again, and the replica that has noticed. */
const comeBack = async (replica: Replica): Promise<void> => {
  await world.server.restart();
  await eventually('the replica has met the new process', async () => (await epochOf(replica)) === (await runIdOf(replica)));
  await replica.untilCurrent();
};
const runIdOf = async ({ redis }: Replica): Promise<string | undefined> => {
  if (redis.status !== 'ready') return undefined;
  return /^run_id:(\w+)/m.exec(await redis.info('server').catch(() => ''))?.[1];
};
const epochOf = async ({ redis }: Replica): Promise<string | null> => (redis.status === 'ready' ? redis.get(KEYS.epoch).catch(() => null) : null);

const logout = (replica: Replica, id: string) => replica.controller.end({ id, reason: 'logout' }, ASKED);

it('lets sessions count once the epoch is the run_id of the Redis that answers', async () => {
  world = await World.open();
  const replica = await world.replica();
  expect(await epochOf(replica)).toBe(await runIdOf(replica));
});

it('keeps the living and the dead apart over a kill and a restart', async () => {
  world = await World.open({ args: APPENDING });
  const replica = await world.replica();
  const [alive, dead] = [await replica.signIn('alice'), await replica.signIn('bob')];
  await logout(replica, dead);
  await comeBack(replica);
  expect([await replica.isLive(alive), await replica.isLive(dead)]).toEqual([true, false]);
});

it('goes on with a Redis that came back empty', async () => {
  world = await World.open();
  const replica = await world.replica();
  const lost = await replica.signIn('alice');
  await comeBack(replica);
  expect(await replica.isLive(lost)).toBe(false);
  expect(await replica.isLive(await replica.signIn('alice'))).toBe(true);
});

it('goes on after a FLUSHALL, which ends everything', async () => {
  world = await World.open();
  const replica = await world.replica();
  const lost = await replica.signIn('alice');
  await replica.redis.flushall();
  await eventually('the epoch is set again', async () => (await epochOf(replica)) !== null);
  await replica.untilCurrent();
  expect(await replica.isLive(lost)).toBe(false);
  expect(await replica.isLive(await replica.signIn('alice'))).toBe(true);
});

it('ends again whatever an older copy of the data files brings back, and only that', async () => {
  world = await World.open();
  const replica = await world.replica();
  const { controller } = replica;
  const loggedOut = await replica.signIn('alice');
  const rotatedAway = await replica.signIn('alice');
  const [kept, notKept] = [await replica.signIn('bob'), await replica.signIn('bob')];
  const disabled = await replica.signIn('carol');
  const demoted = await replica.signIn('dave', { groups: ['admins'] });
  const unchanged = await replica.signIn('erin', { groups: ['staff'] });
  const untouched = await replica.signIn('frank', { remember: true });
  await controller.refreshUser({ username: 'erin', profile: profileOf('erin', ['staff']) }, ASKED);
  const copy = join(world.directory, 'older.rdb');
  const dump = join(world.redisDirectory, 'dump.rdb');
  await replica.redis.save();
  copyFileSync(dump, copy);

  await logout(replica, loggedOut);
  const raised = await replica.raise(rotatedAway);
  await controller.endUser({ username: 'bob', exceptId: kept, reason: 'password_changed' }, ASKED);
  await controller.refreshUser({ username: 'carol', profile: null }, ASKED);
  await controller.refreshUser({ username: 'dave', profile: profileOf('dave', []) }, ASKED);
  expect((await replica.recordOf(demoted))?.profile.groups).toEqual([]);

  await world.server.crash();
  copyFileSync(copy, dump);
  await comeBack(replica);
  for (const id of [loggedOut, rotatedAway, raised, notKept, disabled, demoted]) expect(await replica.isInRedis(id)).toBe(false);
  for (const id of [kept, unchanged, untouched]) expect(await replica.isLive(id)).toBe(true);
  rmSync(dump);
});

it('ends everybody again whom an older copy brings back after all were ended, and nobody who came since', async () => {
  world = await World.open();
  const replica = await world.replica();
  const before = [await replica.signIn('alice'), await replica.signIn('bob', { remember: true })];
  const dump = join(world.redisDirectory, 'dump.rdb');
  const copy = join(world.directory, 'older.rdb');
  await replica.redis.save();
  copyFileSync(dump, copy);
  await replica.controller.endAll({ reason: 'revoked' }, ASKED);
  await world.server.crash();
  copyFileSync(copy, dump);
  await comeBack(replica);
  for (const id of before) expect(await replica.isInRedis(id)).toBe(false);

  world.clock.pass(1);
  const since = await replica.signIn('alice');
  await replica.redis.save();
  await comeBack(replica);
  expect(await replica.isLive(since)).toBe(true);
});

it('serves no session of a Redis that came back until the endings are replayed on it', async () => {
  world = await World.open({ args: APPENDING });
  const [replica, sleeping] = [await world.replica(), await world.replica()];
  const id = await replica.signIn('alice');
  await replica.keeper.stop();
  await sleeping.keeper.stop();
  await world.server.restart();
  await eventually('the connection is back', () => replica.redis.status === 'ready');
  await expect(replica.controller.read({ id })).rejects.toThrow(EndingsNotReplayed);
  await expect(replica.controller.raise({ id, factor: 'totp' }, ASKED)).rejects.toThrow(EndingsNotReplayed);
  await sleeping.keeper.check();
  expect((await replica.store.read(hashOf(id)))?.record.profile.username).toBe('alice');
});

it('keeps an ending that Redis could not be told of, and carries it out when Redis is back', async () => {
  world = await World.open({ args: APPENDING });
  const replica = await world.replica();
  const [leaving, staying] = [await replica.signIn('alice'), await replica.signIn('bob')];
  await world.server.crash();
  await expect(logout(replica, leaving)).rejects.toThrow();
  await comeBack(replica);
  expect([await replica.isInRedis(leaving), await replica.isLive(staying)]).toEqual([false, true]);
});

it('carries an ending out on the same Redis too, once it answers again', async () => {
  world = await World.open();
  const replica = await world.replica();
  const id = await replica.signIn('alice');
  world.server.freeze();
  await expect(logout(replica, id)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  world.server.thaw();
  await eventually('the session is dead', async () => !(await replica.isInRedis(id).catch(() => true)));
  expect(await replica.journal.find(hashOf(id))).toMatchObject({ reason: 'logout' });
});

it('leaves the person their session where Redis went away before it was raised', async () => {
  world = await World.open({ args: APPENDING });
  const replica = await world.replica();
  const id = await replica.signIn('alice');
  const stored = (await replica.store.read(hashOf(id)))!;
  await world.server.crash();
  await replica.journal.announce({
    hash: stored.hash,
    username: 'alice',
    handle: stored.record.handle,
    reason: 'rotated',
    keepUntilMs: stored.record.expiresAtMs,
  });
  await comeBack(replica);
  expect(await replica.isLive(id)).toBe(true);
});

it('replays on a process whose epoch another replica has set already', async () => {
  world = await World.open();
  const first = await world.replica();
  const id = await first.signIn('alice');
  const { sealed } = (await first.store.peek(hashOf(id)))!;
  await logout(first, id);
  // As after a failover that lost the deletion: the epoch is current, and the session is there.
  await first.redis.set(`portcullis:session:${hashOf(id)}`, sealed);
  const second = await world.replica();
  expect(await second.isInRedis(id)).toBe(false);
});

it('needs no replica that made the endings: a new one reads them from the journal', async () => {
  world = await World.open({ args: APPENDING });
  const first = await world.replica();
  const id = await first.signIn('alice');
  const { sealed } = (await first.store.peek(hashOf(id)))!;
  await logout(first, id);
  await first.redis.set(`portcullis:session:${hashOf(id)}`, sealed);
  await first.keeper.stop();
  await world.server.restart();
  const second = await world.replica();
  expect(await second.isInRedis(id)).toBe(false);
});
