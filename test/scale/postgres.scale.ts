import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import {
  certificates,
  type Client,
  client,
  describeWith,
  root,
  type RunningPortcullis,
  type RunningPostgres,
  startPortcullis,
  startPostgres,
  startRedis,
  until,
} from '../support/index.js';
import { giveDevices, giveSecondFactor, passwordOf, peopleOf, SECRET, signIn, SITE, verifyStatus } from '../integration/site.js';

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

describeWith(['redis', 'postgres'], 'people who live in a PostgreSQL, with two of each', () => {
  it('come by an import, sign in wherever they are asked, are gone everywhere once disabled, and the trail says so', async () => {
    const postgres = await startPostgres();
    const portcullis = await startPortcullis({
      config: { ...SITE, authentication_backend: { sql: {} }, storage: { postgres: postgres.storage } },
      users: await peopleOf('ann', 'ben'),
      services: SERVICES,
    });
    const cli = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await portcullis.cli(...args);
      if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const firstFactor = (name: string) =>
      client(portcullis.base, { host: 'auth.site.test' }).post('/api/firstfactor', { username: name, password: passwordOf(name) });
    expect((await firstFactor('ann')).status).toBe(401);
    expect(await cli('users', 'import', portcullis.usersFile)).toContain('Imported 2 people');
    await until(async () => (await firstFactor('ann')).status === 200, { what: 'ann to be known' });
    // Every identity looks within two seconds: then each of many questions, whoever takes it, is answered alike.
    await until(async () => (await Promise.all(Array.from({ length: 8 }, () => firstFactor('ben')))).every(({ status }) => status === 200), {
      timeoutMs: 20_000,
      what: 'ben to be known to both',
    });
    const cookie = (await signIn(client(portcullis.base, { host: 'auth.site.test' }), 'ann')).cookieHeader();
    expect(await verifyStatus(portcullis.base, cookie)).toBe(200);
    await cli('users', 'disable', 'ann');
    await until(async () => (await verifyStatus(portcullis.base, cookie)) !== 200, { what: "ann's session to be gone" });
    await until(async () => (await Promise.all(Array.from({ length: 8 }, () => firstFactor('ann')))).every(({ status }) => status === 401), {
      timeoutMs: 20_000,
      what: 'both to refuse ann',
    });
    const rows = JSON.parse(await cli('audit', '--user', 'ann', '--limit', '1000', '--json')) as readonly {
      kind: string;
      actor: string;
      id: number;
    }[];
    expect(rows.filter(({ actor }) => actor === 'operator').map(({ kind }) => kind)).toEqual(['user_added', 'user_changed']);
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted((one, other) => one - other));
    expect(rows.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['sign_in', 'user_taken']));
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

describeWith(['redis', 'postgres'], 'everything that is kept', () => {
  it('goes from a file to a PostgreSQL and back by storage copy, while no service runs, and people notice nothing', async () => {
    const redis = await startRedis();
    const postgres = await startPostgres();
    const users = await peopleOf('ann', 'ben');
    const start = (storage: object, services?: []) =>
      startPortcullis({ config: { ...SITE, storage }, users, redis, ...(services !== undefined && { services }) });
    const run = async (portcullis: RunningPortcullis, ...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await portcullis.cli(...args);
      if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const kept = async (portcullis: RunningPortcullis) => ({
      devices: await run(portcullis, 'storage', 'user', 'totp', 'export', 'uri'),
      bans: await run(portcullis, 'storage', 'bans', 'user', 'list', '--json'),
    });

    const file = await start({});
    await giveDevices(file, { ann: SECRET });
    await run(file, 'storage', 'user', 'recovery-codes', 'generate', 'ann');
    await run(file, 'storage', 'bans', 'user', 'add', 'ben', '-d', '2h');
    const left = await signIn(client(file.base, { host: 'auth.site.test' }), 'ann');
    expect((await left.post('/api/logout')).status).toBe(200);
    const server = await start({ postgres: postgres.storage }, []);
    const running = await file.cli('storage', 'copy', '--to', server.configFile);
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('is open in a service')]);
    const before = await kept(file);
    await file.stop();

    expect(await run(file, 'storage', 'copy', '--to', server.configFile)).toMatch(
      /recovery_codes +10\n[^]*ended_sessions +\d+\n[^]*Every row is there\./u,
    );
    const again = await file.cli('storage', 'copy', '--to', server.configFile);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is in use')]);
    expect(await kept(server)).toEqual(before);
    const moved = await start({ postgres: postgres.storage });
    await giveSecondFactor(await signIn(client(moved.base, { host: 'auth.site.test' }), 'ann'));
    const ben = await client(moved.base, { host: 'auth.site.test' }).post('/api/firstfactor', { username: 'ben', password: passwordOf('ben') });
    expect(ben.status).not.toBe(200);
    await moved.stop();

    const back = await start({}, []);
    expect(await run(server, 'storage', 'copy', '--to', back.configFile)).toContain('Every row is there');
    expect((await kept(back)).bans).toEqual(before.bans);
    expect(await run(back, 'storage', 'encryption', 'check', '--verbose')).toContain('SUCCESS');
  });
});

describeWith(['redis', 'postgres'], 'a PostgreSQL set up by docs/storage.md', () => {
  const page = readFileSync(join(root, 'docs/storage.md'), 'utf8');
  /** The blocks of SQL, in their order: in the administrator's database, in ours, and for a second role. */
  const [inTheServer = '', inTheDatabase = '', secondRole = ''] = [...page.matchAll(/```sql\n([^`]*)```/gu)].map(([, block]) => block ?? '');
  const OURS = { database: 'portcullis', username: 'portcullis', password: 'write-one-here' };

  it('gives each service the rights it needs with a role of its own, over TLS, and to none the tables of the other', async () => {
    const tls = await certificates();
    const postgres = await startPostgres({ tls });
    for (const statement of inTheServer.split(';').filter((each) => each.trim() !== '')) await postgres.query(statement);
    await postgres.query(inTheDatabase, 'portcullis');
    await postgres.query(secondRole, 'portcullis');
    const portcullis = await startPortcullis({
      config: { ...SITE, storage: { postgres: { address: postgres.storage.address, ...OURS, tls: { minimum_version: 'TLS1.2' } } } },
      users: await peopleOf('ann'),
      env: { NODE_EXTRA_CA_CERTS: tls.caFile },
      envOf: {
        session: { PORTCULLIS_STORAGE_POSTGRES_USERNAME: 'portcullis_sessions', PORTCULLIS_STORAGE_POSTGRES_PASSWORD: 'write-another-here' },
      },
    });
    const ann = await signIn(client(portcullis.base, { host: 'auth.site.test' }), 'ann');
    expect((await ann.post('/api/logout')).status).toBe(200);
    const owned = await postgres.query(
      `select distinct schemaname::text as schema, tableowner::text as owner from pg_tables where schemaname like 'portcullis%' order by 1`,
      'portcullis',
    );
    expect(owned).toEqual([
      { schema: 'portcullis', owner: 'portcullis' },
      { schema: 'portcullis_sessions', owner: 'portcullis_sessions' },
    ]);
    await expect(postgres.query('set role portcullis_sessions; select * from portcullis.totp_devices', 'portcullis')).rejects.toThrow(
      'permission denied',
    );
    const encrypted = await postgres.query(
      `select bool_and(ssl) as all from pg_stat_ssl join pg_stat_activity using (pid) where usename like 'portcullis%'`,
    );
    expect(encrypted).toEqual([{ all: true }]);

    const untrusting = await startPortcullis({
      config: { ...SITE, storage: { postgres: { address: postgres.storage.address, ...OURS, tls: { minimum_version: 'TLS1.2' } } } },
      users: await peopleOf('ann'),
      services: [],
    });
    const { code, stderr } = await untrusting.cli('storage', 'bans', 'user', 'list');
    expect([code, stderr]).toEqual([1, expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
  });
});
