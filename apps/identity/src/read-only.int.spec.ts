import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { createRpcClient, openRpcConnection, type RpcConnection } from '@portcullis/platform-rpc';
import { chmodSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation, type Owner } from './process.fixture.js';

const RPC_SECRET = 'the secret between the services';
/** Whoever tests as root may write everything, and a service seldom runs as root. */
const OTHER: Owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let redis: RedisServer;
let connection: RpcConnection;
let installation: Installation;
beforeAll(async () => {
  redis = await startRedisServer();
  connection = openRpcConnection({ redis: redis.settings, secrets: [RPC_SECRET], prefix: DEFAULT_KEY_PREFIX, service: 'test' });
  installation = await Installation.make(
    `session:
  secret: the session secret of the tests, long enough
  cookies: [{ domain: example.com, authelia_url: https://auth.example.com }]
  redis: { host: 127.0.0.1, port: ${redis.port} }
rpc: { secret: ${RPC_SECRET} }
storage: { encryption_key: the storage key of the tests, local: { path: DIRECTORY/store.sqlite3 } }
identity_validation: { reset_password: { jwt_secret: the link secret of the tests } }
authentication_backend: { file: { path: DIRECTORY/theirs/users.yml } }
access_control: { default_policy: two_factor }
notifier: { filesystem: { filename: DIRECTORY/notice.txt } }
telemetry: { metrics: { enabled: true } }
`,
    ['bob'],
  );
  mkdirSync(installation.path('theirs'));
  renameSync(installation.path('users.yml'), file());
  chmodSync(installation.directory, 0o777);
}, 30_000);

afterAll(async () => {
  allow(0o777, 0o666);
  await installation.close();
  connection.close();
  await redis.stop();
});

const file = (): string => installation.path('theirs/users.yml');
function allow(folder: number, users: number): void {
  chmodSync(dirname(file()), folder);
  chmodSync(file(), users);
}

describe('a service that is not root', { timeout: 60_000 }, () => {
  const clients = () => ({ identity: createRpcClient(identityContract, connection), admin: createRpcClient(identityAdminContract, connection) });
  const disable = (disabled: boolean) => clients().admin.editUsers({ edits: [{ kind: 'set', username: 'bob', disabled }], dryRun: false });
  const origin = { ip: '192.0.2.1', method: 'POST', path: '/', via: 'change_password', targetUrl: null, targetMethod: null } as const;
  const passwords = { username: 'bob', oldPassword: "bob's password", newPassword: 'quite another one', keepSessionId: 'none', origin };

  it('whose users file, or its folder, is not writable offers no new passwords, says at its start what to mend, and goes on once it is', async () => {
    allow(0o555, 0o666);
    const before = readFileSync(file(), 'utf8');
    const running = await installation.run(OTHER);
    await running.ready();
    const { identity } = clients();
    const mend = `the folder ${dirname(file())} must be writable for the identity service: a new file takes the place of the old one`;
    expect(await identity.describePasswords({})).toEqual({ writable: false });
    expect(await disable(true)).toEqual({ outcome: 'read_only', place: file(), reason: mend });

    allow(0o777, 0o444);
    expect(await identity.describePasswords({})).toEqual({ writable: false });
    expect(await disable(true)).toEqual({ outcome: 'read_only', place: file(), reason: `${file()} must be writable for the identity service` });
    const refused = await identity.changePassword(passwords);
    expect(refused.outcome).toBe('disabled');
    expect(readFileSync(file(), 'utf8')).toBe(before);

    allow(0o777, 0o666);
    expect(await identity.describePasswords({})).toEqual({ writable: true });
    expect(await disable(true)).toMatchObject({ outcome: 'done', changes: [{ username: 'bob' }] });
    expect(readFileSync(file(), 'utf8')).toContain('disabled: true');
    running.child.kill('SIGTERM');
    expect((await running.ended).out).toContain(`Passwords can be neither changed nor reset: ${mend}`);
  });
});
