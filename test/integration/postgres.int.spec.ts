import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import {
  type Client,
  client,
  describeWith,
  type RunningPortcullis,
  type RunningPostgres,
  startPortcullis,
  startPostgres,
  until,
} from '../support/index.js';
import { giveDevices, giveSecondFactor, passwordOf, peopleOf, SECRET, signIn, SITE, verifyStatus } from './site.js';

const SERVICES = ['verify-gateway', 'identity', 'identity', 'session', 'session', 'notifier'] as const;

describeWith(['redis', 'postgres'], 'an installation with two of each on one PostgreSQL', () => {
  let postgres: RunningPostgres;
  let portcullis: RunningPortcullis;
  const portal = (): Client => client(portcullis.base, { host: 'auth.site.test' });
  const firstFactor = (name = 'ann') => portal().post('/api/firstfactor', { username: name, password: passwordOf(name) });

  beforeEach(async () => {
    postgres = await startPostgres();
    portcullis = await startPortcullis({
      config: { ...SITE, storage: { postgres: postgres.storage } },
      users: await peopleOf('ann', 'ben'),
      services: SERVICES,
    });
  });

  it('lets people in by both factors and out again, and keeps all of it there, in two schemas', async () => {
    await giveDevices(portcullis, { ann: SECRET });
    const ann = await giveSecondFactor(await signIn(portal(), 'ann'));
    expect(await verifyStatus(portcullis.base, ann.cookieHeader(), 'two.site.test')).toBe(200);
    expect((await ann.post('/api/logout')).status).toBe(200);
    await until(async () => (await verifyStatus(portcullis.base, ann.cookieHeader())) !== 200, { what: 'ann to be out' });
    const counted = await postgres.query(
      `select (select count(*)::int from portcullis.totp_devices) as devices, (select count(*)::int from portcullis_sessions.ended_sessions where in_force = 1) > 0 as ended`,
      'gate',
    );
    expect(counted).toEqual([{ devices: 1, ended: true }]);
  });

  it('keeps who is signed in while PostgreSQL is away, lets nobody new in, says so once, and goes on by itself', async () => {
    const ann = (await signIn(portal(), 'ann')).cookieHeader();
    await postgres.crash();
    const refused = await firstFactor('ben');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, expect.any(String)]);
    expect(await verifyStatus(portcullis.base, ann)).toBe(200);
    await until(() => ['identity', 'identity-2'].some((name) => portcullis.logs(name).includes('The store does not answer')), {
      what: 'the log to say so',
    });
    await postgres.restart();
    await until(async () => (await firstFactor('ben')).status === 200, { what: 'ben to get in' });
    expect(await verifyStatus(portcullis.base, ann)).toBe(200);
    for (const name of ['identity', 'identity-2', 'session', 'session-2']) expect(portcullis.processes[name]?.exit()).toBeUndefined();
  });

  it('answers within seconds while PostgreSQL is frozen, and goes on by itself', async () => {
    const ann = (await signIn(portal(), 'ann')).cookieHeader();
    postgres.freeze();
    expect((await firstFactor('ben')).status).toBe(503);
    expect(await verifyStatus(portcullis.base, ann)).toBe(200);
    postgres.thaw();
    await until(async () => (await firstFactor('ben')).status === 200, { timeoutMs: 20_000, what: 'ben to get in' });
  });
});

describeWith(['redis', 'postgres'], 'the command line on a PostgreSQL', () => {
  it('moves second factors from a file to it, and looks after it', async () => {
    const users = await peopleOf('ann');
    const before = await startPortcullis({ config: SITE, users });
    await giveDevices(before, { ann: SECRET });
    const file = join(before.dir, 'devices.yml');
    expect(await before.cli('storage', 'user', 'totp', 'export', '--file', file)).toMatchObject({ code: 0 });
    await before.stop();

    const postgres = await startPostgres();
    const after = await startPortcullis({ config: { ...SITE, storage: { postgres: postgres.storage } }, users, services: [] });
    const cli = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await after.cli(...args);
      if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    expect(await cli('storage', 'schema-info')).toMatch(/^Schema Version: N\/A$/mu);
    await cli('storage', 'user', 'totp', 'import', file);
    expect(await cli('storage', 'user', 'totp', 'export', 'uri')).toContain(`secret=${SECRET}`);
    expect(readFileSync(file, 'utf8')).toContain('ann');
    expect(await cli('storage', 'schema-info')).toMatch(/Schema Upgrade Available: no[^]*totp_devices[^]*Schema Encryption Key: valid/u);
    expect(await cli('storage', 'encryption', 'check', '--verbose')).toContain('SUCCESS');
    await cli('storage', 'bans', 'user', 'add', 'ann', '-d', '2h');
    expect(await cli('storage', 'bans', 'user', 'list')).toContain('ann');
    const changed = await cli('storage', 'encryption', 'change-key', '--new-encryption-key', 'another_key_of_the_tests_long_enough_0123');
    expect(changed).toContain('No copy was made');
    expect((await after.cli('storage', 'encryption', 'check')).stdout).toContain('FAILURE');

    const { stdout } = await after.cli('doctor', '--json');
    expect(stdout).toContain('not the key');
    await postgres.crash();
    const away = await after.cli('storage', 'bans', 'user', 'list');
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining(`PostgreSQL at 127.0.0.1:${postgres.port} does not answer`)]);
  });
});
