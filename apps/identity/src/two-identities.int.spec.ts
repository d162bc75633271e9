import { newLocation, sharedServer, stopSharedServer, STORE_KINDS } from '@portcullis/platform-sql/testing';
import { inTransaction, type StoreLocation } from '@portcullis/platform-sql';
import { generateSync } from 'otplib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminBans } from './admin-bans.js';
import { AdminStorage } from './admin-storage.js';
import { openDatabase } from './database.js';
import { Elevations } from './elevation.js';
import { checkEncryptionKey } from './encryption-check.js';
import { type NoticeWorld, openNoticeWorld, STORAGE_SECRET } from './notice-world.fixture.js';
import { Recovery } from './recovery.js';
import { Resets } from './reset.js';
import { tellOfNeighbour } from './tell-neighbour.js';
import { encodeTotpSecret, type TotpKey } from './totp-code.js';
import { TotpDevices } from './totp-devices.js';
import { TotpSignIn } from './totp-sign-in.js';
import { openWorld, SECRET, type World } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/secondfactor/totp', targetUrl: null, targetMethod: null };
const KEY: TotpKey = { algorithm: 'SHA1', digits: 6, periodS: 30, secret: encodeTotpSecret(Buffer.alloc(32, 7)) };

/** As many of it at once, by turns to each. */
const byTurns = <Each, Result>(each: readonly Each[], count: number, act: (one: Each) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(each[index % each.length]!)));

describe.each(STORE_KINDS.filter((kind) => kind === 'postgres'))('two identity services on one %s', (kind) => {
  let location: StoreLocation;
  beforeEach(async () => {
    location = await newLocation(kind, '');
  });
  afterAll(stopSharedServer, 30_000);

  describe('and the factors of a person', () => {
    let worlds: World[];
    beforeEach(async () => {
      const open = () => openWorld(async (digestOf) => `users: { bob: { displayname: Bob, password: "${await digestOf('bob')}" } }\n`, { location });
      worlds = await Promise.all([open(), open()]);
      await worlds[0]!.devices.store(worlds[0]!.db, 'bob', 'Example', KEY, worlds[0]!.now());
    });
    afterEach(() => Promise.all(worlds.map((world) => world.close())));

    it('let a one-time password through once, whichever they ask', async () => {
      const code = generateSync({ secret: KEY.secret, epoch: worlds[0]!.now() / 1000 });
      const totp = worlds.map((world) => new TotpSignIn({ ...world, disabled: false, skew: 1, reuseAllowed: false }));
      const verdicts = await byTurns(totp, 10, (each) => each.verify('bob', code, ORIGIN));
      expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
      expect(verdicts.filter((verdict) => verdict.outcome === 'refused' && verdict.reason === 'used')).toHaveLength(9);
    });

    it('let a recovery code through once', async () => {
      const [code = ''] = await inTransaction(worlds[0]!.db, (trx) => worlds[0]!.codes.make(trx, 'bob', 0));
      const recovery = worlds.map((world) => new Recovery({ ...world, disabled: false }));
      const verdicts = await byTurns(recovery, 10, (each) => each.verify({ username: 'bob', code, origin: ORIGIN }));
      expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    });

    it('give no more tries than one of them, and one ban', async () => {
      await byTurns(worlds, 12, (world) => world.passwords.check('bob', 'wrong', ORIGIN));
      expect((await worlds[0]!.attempts()).filter(({ banned }) => banned === 0)).toHaveLength(3);
      expect(await worlds[1]!.db.selectFrom('bans').selectAll().execute()).toHaveLength(1);
      expect(await worlds[1]!.passwords.check('bob', "bob's password", ORIGIN)).toBeNull();
    });

    it("hold to an operator's ban that one of them was told of, and to its end", async () => {
      const [one, other] = worlds.map((world) => new AdminBans(world));
      await one!.add({ kind: 'user', subject: 'bob', forMs: null, reason: null });
      expect(await worlds[1]!.passwords.check('bob', "bob's password", ORIGIN)).toBeNull();
      await other!.revoke({ kind: 'user', subject: 'bob', id: null });
      expect(await worlds[0]!.passwords.check('bob', "bob's password", ORIGIN)).toMatchObject({ username: 'bob' });
    });
  });

  describe('and what is mailed', () => {
    let worlds: NoticeWorld[];
    beforeEach(async () => {
      worlds = await Promise.all([openNoticeWorld(location), openNoticeWorld(location)]);
      for (const world of worlds) world.accounts.set('alice', { address: 'alice@example.com', digest: 'digest' });
    });
    afterEach(() => Promise.all(worlds.map((world) => world.close())));
    const mailed = async () => (await worlds[0]!.waiting()).at(-1);

    it('exchange a reset link once, and use its grant up once', async () => {
      const settings = { jwtSecret: 'the secret of links', jwtAlgorithm: 'HS256' as const, jwtLifespanMs: 300_000, disabled: false };
      const resets = worlds.map((world) => ({ world, resets: new Resets({ ...world, secret: STORAGE_SECRET, users: world.people, settings }) }));
      await resets[0]!.resets.start({ username: 'alice', ip: ORIGIN.ip, domain: 'example.com' });
      const notice = await mailed();
      const token = notice?.kind === 'password_reset' ? notice.token : '';
      const finished = await byTurns(resets, 10, (each) => each.resets.finish({ token, ip: ORIGIN.ip, domain: 'example.com' }));
      const grants = finished.flatMap((reply) => (reply.outcome === 'granted' ? [reply.grant] : []));
      expect(grants).toHaveLength(1);
      const redeemed = await byTurns(resets, 10, (each) => inTransaction(each.world.db, (trx) => each.resets.redeem(trx, grants[0]!)));
      expect(redeemed.filter((username) => username !== null)).toEqual(['alice']);
    });

    it('take a mailed code once', async () => {
      const settings = { codeLifespanMs: 300_000, elevationLifespanMs: 600_000, characters: 8 };
      const elevations = worlds.map((world) => new Elevations({ ...world, secret: STORAGE_SECRET, users: world.people, settings }));
      const alice = { username: 'alice', handle: 'h', ip: ORIGIN.ip };
      await elevations[0]!.start({ ...alice, domain: 'example.com' });
      const notice = await mailed();
      const code = notice?.kind === 'one_time_code' ? notice.code : '';
      const finished = await byTurns(elevations, 10, (each) => each.finish({ ...alice, code }));
      expect(finished.filter(({ outcome }) => outcome === 'elevated')).toHaveLength(1);
    });
  });

  it("say that Authelia's second factors in the same database are not here, until one is", async () => {
    const db = await openDatabase(location);
    const said: string[] = [];
    const log = { warn: (line: string) => said.push(line) };
    await tellOfNeighbour(db, log);
    const server = await sharedServer();
    await server.query(['encryption', 'migrations', 'totp_configurations'].map((table) => `create table public.${table} (id integer)`).join(';'));
    await tellOfNeighbour(db, log);
    expect(said).toEqual([expect.stringContaining('in the schema public of this database')]);
    await new TotpDevices(SECRET).store(db, 'bob', 'Example', KEY, 0);
    await tellOfNeighbour(db, log);
    expect(said).toHaveLength(1);
    await db.destroy();
  });

  it('keep the key from being changed while one of them runs; then it is changed whole, and no copy was made', async () => {
    const world = await openWorld(async (digestOf) => `users: { bob: { displayname: Bob, password: "${await digestOf('bob')}" } }\n`, { location });
    await checkEncryptionKey(world.db, SECRET, 'the store');
    await world.devices.store(world.db, 'bob', 'Example', KEY, 0);
    const users = () => world.file.directory;
    const alone = await openDatabase(location, { size: 1 });
    const storage = new AdminStorage({ db: alone, location, secret: SECRET, keyFile: null, users, isServing: false, now: Date.now });
    const next = 'another key of the operator, long enough';
    expect(await storage.changeKey(next)).toEqual({ outcome: 'running' });
    await world.close();
    await expect.poll(() => storage.changeKey(next)).toMatchObject({ outcome: 'changed', backup: null });
    await checkEncryptionKey(alone, next, 'the store');
    expect(await new TotpDevices(next).find(alone, 'bob')).toMatchObject({ secret: KEY.secret });
    await alone.destroy();
  });
});
