import type { INestMicroservice } from '@nestjs/common';
import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { notice, type Notice, NOTICE_QUEUE, NOTICE_SEAL_PURPOSE, type NoticeJob, queuePrefixUnder } from '@portcullis/contracts-notifier';
import { eventually, type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { createRpcClient, openRpcConnection, type RpcConnection } from '@portcullis/platform-rpc';
import { createKeyRing } from '@portcullis/platform-seal';
import { Queue } from 'bullmq';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation, type Running } from './process.fixture.js';
import { asked, serveSessions } from './sessions.fixture.js';

const RPC_SECRET = 'the secret between the services';
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'];
const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/firstfactor', via: 'portal', targetUrl: null, targetMethod: null } as const;

let redis: RedisServer;
let installation: Installation;
let connection: RpcConnection;
let queue: Queue<NoticeJob>;
let session: INestMicroservice;
let processes: readonly [Running, Running];
const clients = () => ({ identity: createRpcClient(identityContract, connection), admin: createRpcClient(identityAdminContract, connection) });

beforeAll(async () => {
  redis = await startRedisServer();
  installation = await Installation.make(
    `session:
  secret: the session secret of the tests, long enough
  cookies: [{ domain: example.com, authelia_url: https://auth.example.com }]
  redis: { host: ${redis.settings.path ?? ''} }
rpc: { secret: ${RPC_SECRET} }
storage: { encryption_key: the storage key of the tests, local: { path: DIRECTORY/store.sqlite3 } }
identity_validation: { reset_password: { jwt_secret: the link secret of the tests } }
authentication_backend:
  file: { path: DIRECTORY/users.yml, password: { algorithm: argon2, argon2: { iterations: 1, memory: 8, parallelism: 1 } } }
access_control: { default_policy: two_factor }
notifier: { filesystem: { filename: DIRECTORY/notice.txt } }
telemetry: { metrics: { enabled: true } }
`,
    NAMES,
  );
  connection = openRpcConnection({ redis: redis.settings, secrets: [RPC_SECRET], prefix: DEFAULT_KEY_PREFIX, service: 'test' });
  session = await serveSessions(connection);
  queue = new Queue(NOTICE_QUEUE, { connection: { host: '127.0.0.1', port: redis.port }, prefix: queuePrefixUnder(DEFAULT_KEY_PREFIX) });
  processes = [await installation.run(), await installation.run()];
  await Promise.all(processes.map(({ ready }) => ready()));
}, 60_000);

afterAll(async () => {
  await installation.close();
  await queue.close();
  await session.close();
  connection.close();
  await redis.stop();
});

async function signInsOf({ metricsUrl }: Running, factor: string): Promise<number> {
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  const lines = metrics.split('\n').filter((line) => line.startsWith(`portcullis_identity_sign_ins_total{factor="${factor}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** The newest notice to this user, opened as the notifier does. */
async function mailed<K extends Notice['kind']>(kind: K, name: string): Promise<Extract<Notice, { kind: K }>> {
  const ring = createKeyRing([RPC_SECRET], NOTICE_SEAL_PURPOSE);
  return eventually(`a ${kind} for ${name} is in the queue`, async () => {
    const jobs = await queue.getJobs(['waiting', 'delayed', 'active']);
    const notices = jobs.map(({ data }) => notice.parse(JSON.parse(ring.open(Buffer.from(data.sealed, 'base64'), data.noticeId).toString())));
    return notices.find((each): each is Extract<Notice, { kind: K }> => each.kind === kind && each.to.address === `${name}@example.com`);
  });
}

describe('two processes on one store', { timeout: 60_000 }, () => {
  it('let one code through exactly once, however many ask at once', async () => {
    const { identity, admin } = clients();
    const request = { force: false, secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };
    const device = await admin.generateTotp({ ...request, username: 'alice' });
    const secret = device.outcome === 'generated' ? device.secret : '';
    const code = generateSync({ secret });
    const verdicts = await Promise.all(Array.from({ length: 64 }, () => identity.verifyTotp({ username: 'alice', code, origin: ORIGIN })));
    expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict.outcome === 'refused' && verdict.reason === 'used')).toHaveLength(63);
    // Both took part, or the test has shown nothing.
    for (const each of processes) expect(await signInsOf(each, 'totp')).toBeGreaterThan(0);
  });

  it('let one recovery code through exactly once, however many ask at once', async () => {
    const { identity } = clients();
    const made = await identity.renewRecoveryCodes({ username: 'alice', ip: ORIGIN.ip });
    const [code = ''] = made.outcome === 'made' ? made.codes : [];
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => identity.verifyRecoveryCode({ username: 'alice', code: code.toLowerCase(), origin: ORIGIN })),
    );
    expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toEqual([{ outcome: 'verified', remaining: 9 }]);
    expect(verdicts.filter((verdict) => verdict.outcome === 'refused' && verdict.reason === 'used')).toHaveLength(49);
    for (const each of processes) expect(await signInsOf(each, 'recovery_code')).toBeGreaterThan(0);
  });

  it('count wrong passwords as one', async () => {
    const { identity } = clients();
    const attempt = (password: string) => identity.authenticate({ username: 'bob', password, origin: ORIGIN });
    const replies = await Promise.all(Array.from({ length: 6 }, () => attempt('wrong')));
    expect(replies).toEqual(Array.from({ length: 6 }, () => ({ outcome: 'refused' })));
    for (let tries = 0; tries < 4; tries += 1) expect(await attempt("bob's password")).toEqual({ outcome: 'refused' });
    const { bans } = await clients().admin.listBans({ kind: 'user' });
    expect(bans).toMatchObject([{ subject: 'bob', source: 'regulation' }]);
  });

  it('know a new password at once, both of them', async () => {
    const { identity } = clients();
    const origin = { ...ORIGIN, via: 'change_password' } as const;
    const change = { username: 'carol', oldPassword: "carol's password", newPassword: 'Another one', keepSessionId: 'this one', origin };
    expect(await identity.changePassword(change)).toEqual({ outcome: 'changed' });
    expect(asked).toContain('end carol but this one');
    const attempt = (password: string) => identity.authenticate({ username: 'carol', password, origin: ORIGIN });
    const replies = await Promise.all(Array.from({ length: 8 }, () => attempt('Another one')));
    expect(replies.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 8 }, () => 'authenticated'));
    expect(await attempt("carol's password")).toEqual({ outcome: 'refused' });
    // The watchers of both have read the file by now, and know whose doing it was.
    await eventually('the edit of the next test case is seen', async () => {
      installation.write('users.yml', installation.read('users.yml').replace('displayname: erin', 'displayname: Erin'));
      await Promise.resolve();
      return asked.includes('refresh erin: Erin');
    });
    expect(asked.filter((call) => call.startsWith('end carol'))).toEqual(['end carol but this one']);
  });

  it('end the sessions of whoever is disabled in the file', async () => {
    installation.write('users.yml', installation.read('users.yml').replace('dave: {', 'dave: { disabled: true,'));
    await eventually('it was told', () => asked.includes('refresh dave: gone'));
    const { identity } = clients();
    const four = <T>(ask: () => Promise<T>): Promise<readonly T[]> => Promise.all(Array.from({ length: 4 }, ask));
    await eventually('nobody lets dave in', async () => {
      const replies = await four(() => identity.authenticate({ username: 'dave', password: "dave's password", origin: ORIGIN }));
      return replies.every(({ outcome }) => outcome === 'refused');
    });
    await eventually('nobody knows dave', async () =>
      (await four(() => identity.describe({ username: 'dave' }))).every(({ outcome }) => outcome === 'unknown'),
    );
  });
});

describe('a sign-in', () => {
  it('tells who it is and what they have', async () => {
    const { identity } = clients();
    expect(await identity.authenticate({ username: 'alice', password: "alice's password", origin: ORIGIN })).toEqual({
      outcome: 'authenticated',
      person: { username: 'alice', displayName: 'alice', emails: ['alice@example.com'], groups: [] },
      hasSecondFactor: true,
    });
    expect(await identity.describe({ username: 'alice' })).toMatchObject({ outcome: 'known', hasTotp: true, preferredMethod: 'totp' });
    expect(await identity.describeTotp({ username: 'alice' })).toMatchObject({
      outcome: 'found',
      device: { digits: 6, lastUsedAtMs: expect.any(Number) },
    });
  });

  it('without a device finds none, enrols one and has it', async () => {
    const { identity } = clients();
    const settings = { algorithm: 'SHA1', digits: 6, periodS: 30 } as const;
    expect(await identity.describeTotp({ username: 'erin' })).toEqual({ outcome: 'none' });
    const begun = await identity.beginTotpRegistration({ username: 'erin', handle: 'h', settings });
    const code = generateSync({ secret: begun.outcome === 'begun' ? begun.secret : '' });
    expect(await identity.finishTotpRegistration({ username: 'erin', handle: 'other', code, ip: '' })).toEqual({
      outcome: 'refused',
      reason: 'none_pending',
    });
    expect(await identity.finishTotpRegistration({ username: 'erin', handle: 'h', code, ip: '' })).toEqual({
      outcome: 'registered',
      recoveryCodes: Array<unknown>(10).fill(expect.stringMatching(/^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$/u)),
    });
    expect(await identity.describeRecoveryCodes({ username: 'erin' })).toEqual({ remaining: 10, createdAtMs: expect.any(Number) });
    expect(await identity.setPreferredMethod({ username: 'erin', method: 'webauthn' })).toEqual({ outcome: 'unavailable' });
    expect(await identity.deleteTotp({ username: 'erin', ip: '' })).toEqual({ outcome: 'deleted' });
  });
});

describe('what is mailed', () => {
  it('a code raises the sign-in it was asked for', async () => {
    const { identity } = clients();
    const signIn = { username: 'alice', handle: 'h', ip: '192.0.2.1' };
    expect(await identity.startElevation({ ...signIn, domain: 'example.com' })).toMatchObject({ outcome: 'sent' });
    const { code, revokeUrl } = await mailed('one_time_code', 'alice');
    expect(revokeUrl).toMatch(/^https:\/\/auth\.example\.com\/revoke\/one-time-code\?id=/u);
    expect(await identity.finishElevation({ ...signIn, code: ` ${code.toLowerCase()} ` })).toEqual({ outcome: 'elevated', elevatedForMs: 600_000 });
    expect(await identity.finishElevation({ ...signIn, code })).toEqual({ outcome: 'refused' });
  });

  it('a link sets the password once, and lifts the ban', async () => {
    const { identity, admin } = clients();
    const where = { ip: '192.0.2.1', domain: 'example.com' };
    expect(await identity.startReset({ ...where, username: 'bob' })).toEqual({ outcome: 'accepted' });
    const { token } = await mailed('password_reset', 'bob');
    const finished = await identity.finishReset({ ...where, token });
    const grant = finished.outcome === 'granted' ? finished.grant : '';
    expect(await identity.resetPassword({ grant, password: '', ip: where.ip })).toEqual({ outcome: 'policy', failed: ['empty'] });
    expect(await identity.resetPassword({ grant, password: 'Another one', ip: where.ip })).toEqual({ outcome: 'reset', username: 'bob' });
    expect(await identity.resetPassword({ grant, password: 'Yet another', ip: where.ip })).toEqual({ outcome: 'refused' });
    expect(await identity.finishReset({ ...where, token })).toMatchObject({ outcome: 'refused' });
    expect(asked).toContain('end bob but none');
    expect(await identity.authenticate({ username: 'bob', password: 'Another one', origin: ORIGIN })).toMatchObject({ outcome: 'authenticated' });
    expect((await admin.listNotices({ state: null, limit: 10 })).notices.map(({ title }) => title)).toContain('Password changed successfully');
  });
});

describe('a browser', () => {
  const signIn = {
    username: 'alice',
    domain: 'example.com',
    ip: '192.0.2.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  };

  it('that is new is told of by mail, and its link ends what began there, once', async () => {
    const { identity, admin } = clients();
    expect(await identity.recordSignIn({ ...signIn, handle: 'alice-1', deviceToken: null })).toMatchObject({ device: 'first' });
    const stranger = { ...signIn, handle: 'alice-2', ip: '203.0.113.9', deviceToken: null };
    expect(await identity.recordSignIn(stranger)).toMatchObject({ device: 'new' });
    const { device, disownUrl } = await mailed('new_device', 'alice');
    expect(device).toBe('Firefox on Linux');
    const url = new URL(disownUrl ?? '');
    expect(`${url.origin}${url.pathname}`).toBe('https://auth.example.com/revoke/session');
    const disown = { token: url.searchParams.get('token') ?? '', ip: '192.0.2.1' };
    const replies = await Promise.all(Array.from({ length: 12 }, () => identity.disownSignIn(disown)));
    expect(replies.filter(({ outcome }) => outcome === 'disowned')).toEqual([{ outcome: 'disowned', username: 'alice' }]);
    expect(await identity.disownSignIn(disown)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(asked).toContain('end alice-2 of alice: disowned');
    expect(asked).not.toContain('end alice-1 of alice: disowned');
    expect((await admin.listNotices({ state: null, limit: 100 })).notices.map(({ title }) => title)).toContain('New sign-in to your account');
  });
});

it('a person sees what was tried with their account, newest first', async () => {
  const { attempts } = await clients().identity.listAttempts({ username: 'alice', limit: 200 });
  expect(attempts).toContainEqual({ atMs: expect.any(Number), factor: 'recovery_code', successful: true, banned: false, ip: ORIGIN.ip });
  expect(attempts).toContainEqual({ atMs: expect.any(Number), factor: 'totp', successful: true, banned: false, ip: ORIGIN.ip });
  expect(attempts.map(({ atMs }) => atMs)).toEqual(attempts.map(({ atMs }) => atMs).sort((a, b) => b - a));
  expect((await clients().identity.listAttempts({ username: 'alice', limit: 1 })).attempts).toEqual(attempts.slice(0, 1));
});

it('every measure is there at the scrape', async () => {
  const [first] = processes;
  const metrics = await (await fetch(`${first.metricsUrl}/metrics`)).text();
  const names = metrics.split('\n').flatMap((line) => /^# TYPE (portcullis_identity_\S+)/u.exec(line)?.[1] ?? []);
  expect(names.sort()).toEqual([
    'portcullis_identity_bans_total',
    'portcullis_identity_hash_seconds',
    'portcullis_identity_hash_slots_busy',
    'portcullis_identity_hash_waiting',
    'portcullis_identity_notices_failed',
    'portcullis_identity_notices_oldest_waiting_seconds',
    'portcullis_identity_notices_waiting',
    'portcullis_identity_password_wait_seconds',
    'portcullis_identity_sign_ins_total',
    'portcullis_identity_users',
    'portcullis_identity_users_file_valid',
  ]);
  expect((await fetch(`${first.metricsUrl}/health/live`)).status).toBe(200);
});

describe('a process', { timeout: 60_000 }, () => {
  it('leaves its work to the other when it is told to end, and ends well', async () => {
    const { identity } = clients();
    const [first] = processes;
    const busy = Promise.all(
      Array.from({ length: 20 }, () => identity.authenticate({ username: 'alice', password: "alice's password", origin: ORIGIN })),
    );
    first.child.kill('SIGTERM');
    expect((await busy).every(({ outcome }) => outcome === 'authenticated')).toBe(true);
    const { code, out, err } = await first.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Startup complete');
    expect(out).toContain("Unsuccessful 1FA authentication attempt by user 'bob'");
    expect(await identity.describe({ username: 'alice' })).toMatchObject({ outcome: 'known' });
  });

  it('ends with its supervisor', async () => {
    const [, second] = processes;
    second.child.stdin?.end();
    expect((await second.ended).code).toBe(0);
  });
});
