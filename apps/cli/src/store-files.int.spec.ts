import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { Ended } from './command.fixture.js';
import { Installation, SECRET as KEY } from './installation.fixture.js';

// Some processes each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const NEW_KEY = 'another_key_of_the_operator_0123456789';

/** As Authelia's own export has it: the secret is base64 of its base32 text. */
const AUTHELIA = `# yaml-language-server: $schema=https://www.authelia.com/schemas/v4.39/json-schema/export.totp.json
totp_configurations:
  - created_at: 2023-10-06T10:11:29.171Z
    last_used_at: 2024-01-02T03:04:05.000Z
    username: 'mary'
    issuer: 'Authelia'
    algorithm: 'SHA256'
    digits: 8
    period: 60
    secret: '${Buffer.from(SECRET).toString('base64')}'
`;

describe.each([
  ['while the identity service runs', true],
  ['while nobody runs', false],
])('%s', (_, isRunning) => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make();
    if (isRunning) await installation.start('identity');
  });
  afterAll(() => installation.close());
  const type = (line: string): Promise<Ended> => installation.type(line);
  const at = (name: string): string => join(installation.directory, name);

  it('storage user totp: devices go into a file and come back, never over others without --force', async () => {
    writeFileSync(at('authelia.yml'), AUTHELIA);
    const imported = await type(`storage user totp import ${at('authelia.yml')}`);
    expect([imported.code, imported.out]).toEqual([
      0,
      `Successfully imported 1 TOTP configurations from the YAML file '${at('authelia.yml')}'; 0 were there already.\n`,
    ]);
    expect((await type(`storage user totp import ${at('authelia.yml')}`)).out).toContain('imported 0 TOTP configurations');

    expect((await type(`storage user totp export --file ${at('own.yml')}`)).out).toBe(
      `Successfully exported 1 TOTP configurations as YAML to the file '${at('own.yml')}'\n`,
    );
    expect(parse(readFileSync(at('own.yml'), 'utf8'))).toEqual(parse(AUTHELIA));
    expect(statSync(at('own.yml')).mode & 0o777).toBe(0o600);
    expect(await type(`storage user totp export --file ${at('own.yml')}`)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('there already'),
    });

    await type('storage user totp generate mary --force --no-qr');
    const refused = await type(`storage user totp import ${at('own.yml')}`);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain('nothing was imported: mary. Add --force');
    expect((await type(`storage user totp import ${at('own.yml')} --force`)).code).toBe(0);
    expect(await installation.json('storage user totp export')).toMatchObject([{ username: 'mary', secret: SECRET, digits: 8 }]);
  });

  it('storage user totp: the other forms are a table, addresses and pictures', async () => {
    const uri = `otpauth://totp/Authelia:mary?algorithm=SHA256&digits=8&issuer=Authelia&period=60&secret=${SECRET}`;
    expect((await type('storage user totp export uri')).out).toBe(`${uri}\n`);
    const table = `issuer,username,algorithm,digits,period,secret\nAuthelia,mary,SHA256,8,60,${SECRET}\n`;
    expect((await type('storage user totp export csv')).out).toBe(table);
    await type(`storage user totp export csv --file ${at('devices.csv')}`);
    expect(readFileSync(at('devices.csv'), 'utf8')).toBe(table);
    expect((await type(`storage user totp export png --directory ${at('qr')}`)).code).toBe(0);
    expect(readdirSync(at('qr'))).toEqual(['mary.png']);
    expect(readFileSync(at('qr/mary.png')).subarray(1, 4).toString()).toBe('PNG');
    expect((await type(`storage user totp generate john --no-qr --path ${at('john.png')}`)).out).toContain(`The QR code is in '${at('john.png')}'`);
    expect([statSync(at('john.png')).mode & 0o777, (await type(`storage user totp generate john --force --path ${at('john.png')}`)).code]).toEqual([
      0o600, 1,
    ]);
  });

  it('storage user identifiers: made once, added by hand, exported, imported, never replaced in silence', async () => {
    const uuid = 'f0919359-9d15-4e15-bcba-83b41620a073';
    expect((await type('storage user identifiers generate --users john,mary --sectors ,example.com')).out).toBe(
      'Added 4 identifiers; 0 were there already.\n',
    );
    expect((await type('storage user identifiers generate --users john')).out).toBe('Added 0 identifiers; 1 were there already.\n');
    expect(await type(`storage user identifiers add john --identifier ${uuid}`)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('john: '),
    });
    expect((await type(`storage user identifiers add eve --identifier ${uuid}`)).out).toBe(`Successfully added the identifier of 'eve': ${uuid}\n`);
    expect((await type('storage user identifiers add ann --identifier 1234')).code).toBe(2);

    await type(`storage user identifiers export --file ${at('ids.yml')}`);
    const exported = parse(readFileSync(at('ids.yml'), 'utf8')) as { identifiers: { username: string; identifier: string }[] };
    expect(exported.identifiers).toHaveLength(5);
    expect(exported.identifiers).toContainEqual({ service: 'openid', sector_id: '', username: 'eve', identifier: uuid });
    expect((await type(`storage user identifiers import ${at('ids.yml')}`)).out).toContain('Successfully imported 0 identifiers');
    const other = 'b3453fde-ecc2-4a1f-9422-2707ddbed495';
    writeFileSync(at('other.yml'), readFileSync(at('ids.yml'), 'utf8').replace(uuid, other));
    expect((await type(`storage user identifiers import ${at('other.yml')}`)).err).toContain(`eve: ${uuid}`);
    expect((await type(`storage user identifiers import ${at('other.yml')} --force`)).out).toContain('Successfully imported 1 identifiers');
    expect(await installation.json('storage user identifiers export')).toContainEqual({
      service: 'openid',
      sectorId: '',
      username: 'eve',
      identifier: other,
    });
  });

  it('storage schema-info, migrate: the store is at its newest, and says so in the lines people know', async () => {
    const info = (await type('storage schema-info')).out;
    expect(info).toMatch(/^Schema Version: (\d+)\nSchema Upgrade Available: no\nSchema Tables: .*totp_devices.*\nSchema Encryption Key: valid\n$/);
    const version = /\d+/.exec(info)?.[0] ?? '';
    expect((await type('storage migrate up')).out).toBe(`The store is up to date: version ${version}.\n`);
    expect((await type('storage migrate list-up')).out).toBe('Storage Schema Migration List (Up)\n\nNo Migrations Available\n');
    expect((await type('storage migrate list-down')).out).toBe('Storage Schema Migration List (Down)\n\nNo Migrations Available\n');
    expect((await type('storage migrate history')).out).toMatch(new RegExp(`^Version +Date +Description\n1 +\\d{4}-[^]*\n${version} +\\d{4}-`));
    expect(await type('storage migrate down --target 1 --destroy-data')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('copy of the store'),
    });
    expect((await type('storage migrate up --target 1')).code).toBe(1);
  });

  it('storage encryption check: SUCCESS, and a row for each sealed column with --verbose', async () => {
    expect(await type('storage encryption check')).toEqual({ code: 0, out: 'Storage Encryption Key Validation: SUCCESS\n', err: '' });
    expect((await type('storage encryption check --verbose')).out).toMatch(
      /SUCCESS\n\nTable +Column +Result +Invalid +Total\n[^]*totp_devices +secret +SUCCESS +0 +2\n/,
    );
    const wrong = await type(`storage encryption check --encryption-key ${NEW_KEY}`);
    expect([wrong.code, wrong.out]).toEqual([1, 'Storage Encryption Key Validation: FAILURE\n']);
  });

  it('storage encryption change-key: refused while a service runs, made where none does', async () => {
    const typed = await type(`storage encryption change-key --new-encryption-key ${NEW_KEY}`);
    const forced = await type(
      `storage encryption change-key --new-encryption-key ${NEW_KEY} --encryption-key ${KEY} --sqlite.path ${at('db.sqlite3')}`,
    );
    if (isRunning) {
      for (const { code, out, err } of [typed, forced])
        expect([code, out, err.includes('A service runs with the present key')]).toEqual([1, '', true]);
      expect((await type('storage encryption check --verbose')).code).toBe(0);
      return;
    }
    expect(typed.out).toContain('Before you start the services: write the new key where storage.encryption_key is configured.');
    const backup = /opens: (.*)/.exec(typed.out)?.[1] ?? '';
    expect(existsSync(backup)).toBe(true);
    expect([forced.code, forced.err.includes('another storage.encryption_key')]).toEqual([1, true]);
    expect((await type('storage encryption check')).out).toBe('Storage Encryption Key Validation: FAILURE\n');
    const withNew = (line: string) => type(`storage --encryption-key ${NEW_KEY} ${line}`);
    expect((await withNew('encryption check --verbose')).out).toContain('Validation: SUCCESS');
    expect((await withNew('user totp export uri')).out).toContain(SECRET);
    expect((await type(`storage user totp export uri --sqlite.path ${backup}`)).out).toContain(SECRET);
    expect((await withNew('encryption change-key --new-encryption-key short')).code).toBe(2);
  });
});

describe('a file that is broken', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make();
    await installation.start('identity');
  });
  afterAll(() => installation.close());

  it.each([
    ['no list', 'other: []\n', 'holds no exported TOTP configurations'],
    ['a device that no app knows', AUTHELIA.replace('digits: 8', 'digits: 7'), 'mary: codes have 6 or 8 digits, not 7'],
    ['a secret that is none', AUTHELIA.replace(/secret: .*/, "secret: 'AAAA'"), 'mary: the secret must be base32'],
    ['somebody twice', AUTHELIA + AUTHELIA.slice(AUTHELIA.indexOf('  - ')), 'mary is there twice'],
    ['no YAML', 'totp_configurations: [\n', 'cannot be read'],
  ])('storage user totp import: a file with %s is refused whole', async (_name, text, says) => {
    const file = join(installation.directory, 'broken.yml');
    writeFileSync(file, text);
    const { code, out, err } = await installation.type(`storage user totp import ${file} --force`);
    expect([code, out, err.includes(says)]).toEqual([1, '', true]);
  });
});

it('storage schema-info: a store that is not there is not made by looking at it', async () => {
  const installation = await Installation.make();
  try {
    const { out } = await installation.type('storage schema-info');
    expect(out).toMatch(/^Schema Version: N\/A\nSchema Upgrade Available: yes - version \d+\nSchema Tables: N\/A\nSchema Encryption Key: unknown\n$/);
    expect(existsSync(join(installation.directory, 'db.sqlite3'))).toBe(false);
    expect((await installation.type('storage migrate list-up')).out).toMatch(/Version +Description\n1 +identity-001/);
    expect((await installation.type('storage migrate up')).out).toMatch(/^Brought the store from version 0 to \d+\.\n$/);
  } finally {
    await installation.close();
  }
});
