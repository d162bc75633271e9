import { inRequest } from '@portcullis/platform-rpc';
import { eventually } from '@portcullis/platform-redis/testing';
import { inTransaction } from '@portcullis/platform-sql';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminBans } from './admin-bans.js';
import { AdminTotp } from './admin-totp.js';
import { AdminUsers } from './admin-users.js';
import { AuditTrail, writeAudit } from './audit.js';
import { CHEAP, openWorld, type World } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/firstfactor' };
type Filter = Parameters<AuditTrail['list']>[0];
const ALL: Filter = { username: null, kind: null, sinceMs: null, untilMs: null, afterId: null, limit: 100 };
const TOTP = { issuer: 'Example', algorithm: 'SHA1', digits: 6, periodSeconds: 30, secretSizeBytes: 32 } as const;
const ANY = { force: false, secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };

let world: World;
let trail: AuditTrail;
beforeEach(async () => {
  world = await openWorld(
    async (digestOf) => `users:
  bob: { displayname: Bob, email: bob@example.com, password: "${await digestOf('bob')}" }
  eve: { displayname: Eve, password: "${await digestOf('eve')}" }
`,
  );
  trail = new AuditTrail({ ...world, retentionMs: 86_400_000 });
});
afterEach(() => world.close());

const rows = async (filter: Partial<Filter> = {}) => (await trail.list({ ...ALL, ...filter })).rows;
const kinds = async (filter: Partial<Filter> = {}) => (await rows(filter)).map(({ kind, username, actor }) => `${kind} ${username} ${actor}`);
const signIn = (username: string, password: string) => world.passwords.check(username, password, ORIGIN);

describe('what is written down', () => {
  it('of a sign-in: who, from where, when, by which factor, and the request that it was', async () => {
    await inRequest({ requestId: 'r-1', sender: 'verify-gateway' }, () => signIn('bob', "bob's password"));
    await signIn('nobody', 'guess');
    expect(await rows()).toEqual([
      {
        ...{ id: 1, atMs: world.clock.nowMs, kind: 'sign_in', username: 'bob', actor: 'user', ip: '192.0.2.1', requestId: 'r-1' },
        detail: { factor: 'password', banned: false },
      },
      expect.objectContaining({ id: 2, kind: 'sign_in_failed', username: '', requestId: '' }),
    ]);
  });

  it('of failures: the ban they lead to, and that the operator lifts it', async () => {
    for (let tries = 0; tries < 3; tries += 1) await signIn('bob', 'wrong');
    await new AdminBans(world).revoke({ kind: 'user', subject: 'bob', id: null });
    await new AdminBans(world).add({ kind: 'ip', subject: '192.0.2.9', forMs: 1000, reason: 'noise' });
    expect(await kinds()).toEqual([
      ...Array<string>(3).fill('sign_in_failed bob user'),
      ...['ban bob regulation', 'ban_lifted bob operator', 'ban  operator'],
    ]);
    expect((await rows()).at(-1)?.detail).toEqual({ of: 'ip', subject: '192.0.2.9', untilMs: world.clock.nowMs + 1000, reason: 'noise' });
  });

  it('of what somebody does with their account, with the mail that tells of it', async () => {
    await inTransaction(world.db, (trx) => world.notices.tell(trx, 'bob', 'totp_added', '192.0.2.1', world.clock.nowMs));
    await inTransaction(world.db, (trx) => world.notices.tell(trx, 'eve', 'password_reset', '192.0.2.1', world.clock.nowMs));
    expect(await kinds()).toEqual(['second_factor_added bob user', 'password_reset eve user']);
  });

  it('of commands: devices, people', async () => {
    const totp = new AdminTotp({ ...world, totp: TOTP });
    await totp.generate({ ...ANY, username: 'bob' });
    await totp.export('bob');
    await totp.delete('bob');
    const admin = new AdminUsers(world);
    const digest = await world.digests.make(CHEAP, 'new');
    await admin.edit({ edits: [{ kind: 'set', username: 'eve', disabled: true, digest }], dryRun: false });
    await admin.edit({ edits: [{ kind: 'delete', username: 'eve' }], dryRun: true });
    await admin.edit({ edits: [{ kind: 'delete', username: 'kim' }], dryRun: false });
    expect(await kinds()).toEqual([
      ...['second_factor_added bob operator', 'secrets_exported bob operator', 'second_factor_removed bob operator'],
      'user_changed eve operator',
    ]);
    expect((await rows()).at(-1)?.detail).toEqual({ fields: 'disabled digest' });
  });

  it('of an edit by hand, once sessions go by it', async () => {
    world.file.onChange(() => {
      world.publisher.changed();
    });
    world.publisher.start();
    await eventually('everybody is told', () => world.sessions.calls.length === 2);
    writeFileSync(world.usersPath, world.usersText().replace('displayname: Bob', 'displayname: Robert'));
    world.file.reload();
    await eventually('it is written down', async () => (await rows()).length === 1);
    expect(await rows()).toMatchObject([{ kind: 'user_taken', username: 'bob', actor: 'system', detail: { profile: true, password: false } }]);
  });

  it('goes with the transaction it was written in', async () => {
    const failing = inTransaction(world.db, async (trx) => {
      await writeAudit(trx, { kind: 'password_reset', username: 'bob', actor: 'user' }, world.clock.nowMs);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect(await rows()).toEqual([]);
  });

  it('holds no secret', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    await signIn('bob', "bob's password");
    await signIn('bob', 'my-other-password');
    await new AdminTotp({ ...world, totp: TOTP }).generate({ ...ANY, username: 'bob', secret });
    const digest = await world.digests.make(CHEAP, 'new');
    await new AdminUsers(world).edit({ edits: [{ kind: 'set', username: 'bob', digest }], dryRun: false });
    const text = JSON.stringify(await world.db.selectFrom('audit').selectAll().execute());
    for (const hidden of ["bob's password", 'my-other-password', secret, digest, '$argon2id']) expect(text).not.toContain(hidden);
  });
});

describe('the trail', () => {
  beforeEach(async () => {
    await signIn('bob', 'wrong');
    world.clock.nowMs += 1000;
    await signIn('eve', "eve's password");
    world.clock.nowMs += 1000;
    await signIn('bob', "bob's password");
  });

  it('is read by person, kind and time, the newest of them in their order', async () => {
    const { nowMs } = world.clock;
    expect(await kinds({ username: 'bob' })).toEqual(['sign_in_failed bob user', 'sign_in bob user']);
    expect(await kinds({ kind: 'sign_in' })).toEqual(['sign_in eve user', 'sign_in bob user']);
    expect(await kinds({ sinceMs: nowMs - 1000, untilMs: nowMs })).toEqual(['sign_in eve user']);
    expect(await kinds({ limit: 2 })).toEqual(['sign_in eve user', 'sign_in bob user']);
    expect(await kinds({ limit: 1, afterId: 1 })).toEqual(['sign_in eve user']);
  });

  it('is kept for as long as is configured', async () => {
    world.clock.nowMs += 86_400_000 - 1500;
    await trail.forgetOld(world.clock.nowMs);
    expect(await kinds()).toEqual(['sign_in eve user', 'sign_in bob user']);
  });

  it('forgets one person, the log of tries too, and says only that it did', async () => {
    expect(await trail.erase({ username: 'bob' })).toEqual({ rows: 2, attempts: 2 });
    expect(await rows()).toMatchObject([
      { kind: 'sign_in', username: 'eve' },
      { kind: 'audit_erased', username: '', actor: 'operator', detail: { rows: 2, attempts: 2 } },
    ]);
    expect((await world.attempts()).map(({ username }) => username)).toEqual(['eve']);
  });
});
