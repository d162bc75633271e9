import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@portcullis/platform-telemetry';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUsersFile } from './read-users.js';
import { replaceFile } from './replace-file.js';
import { type UsersFile, UsersFileError } from './users-file.js';

const DIGEST = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ';
const OTHER = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const FILE = `# the team
users:
  bob: # builder
    displayname: Bob
    password: '${DIGEST}'
  eve:
    displayname: Eve
    disabled: true
    password: '${DIGEST}'
`;

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'users-'));
  path = join(directory, 'users.yml');
  writeFileSync(path, FILE, { mode: 0o640 });
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const log = () => createLogger({ level: 'error', format: 'text', filePath: join(directory, 'log'), service: 'identity' });
const open = (at = path): UsersFile => openUsersFile(at, { email: false, caseInsensitive: false }, log());
const digestOf = (file: UsersFile, name: string): string | undefined => file.directory.byName(name)?.digest;

describe('at the start', () => {
  it.each([
    ['a file that is not there', null, /cannot be read: ENOENT/u],
    ['a file without users', 'users: {}\n', /there are no users/u],
    [
      'a placeholder in place of a digest',
      FILE.replace(DIGEST, '$argon2id$v=19$m=65540,t=3,p=4$your_hashed_password_here'),
      /user bob: the password is no digest/u,
    ],
    ['what is no YAML', 'users: [', /not YAML/u],
    [
      'a file with several mistakes',
      'users:\n  bob: {}\n  eve: { displayname: Eve }\n',
      /user bob: displayname.*user bob: password.*user eve: password/su,
    ],
  ])('%s is refused with a report', (_, text, report) => {
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
    expect(() => open()).toThrow(UsersFileError);
    expect(() => open()).toThrow(report);
  });
});

describe('an edit', () => {
  it('is taken in whole', () => {
    const file = open();
    writeFileSync(path, FILE.replace('displayname: Bob', 'displayname: Robert'));
    expect(file.reload()).toBe(true);
    expect(file.directory.byName('bob')?.displayName).toBe('Robert');
    expect(file.reload()).toBe(false);
  });

  it('that is not valid changes nothing', () => {
    const file = open();
    writeFileSync(path, FILE.replace('displayname: Bob', 'displayname: Robert').replace(DIGEST, 'plain'));
    expect(file.reload()).toBe(false);
    expect(file.valid).toBe(false);
    expect(file.directory.byName('bob')?.displayName).toBe('Bob');
    rmSync(path);
    expect(file.reload()).toBe(false);
    expect(file.directory.byName('bob')?.displayName).toBe('Bob');
    writeFileSync(path, FILE);
    expect(file.reload()).toBe(true);
    expect(file.valid).toBe(true);
  });

  it('is noticed when an editor renames a new file over the old one', async () => {
    const file = open();
    const stop = new AbortController();
    let changes = 0;
    file.onChange(() => (changes += 1));
    await file.watch(stop.signal);
    writeFileSync(`${path}.new`, FILE.replace('displayname: Bob', 'displayname: Robert'));
    renameSync(`${path}.new`, path);
    await eventually('the edit is seen', () => changes === 1);
    stop.abort();
    expect(file.directory.byName('bob')?.displayName).toBe('Robert');
  });

  it('made between the first reading and the watch is not missed', async () => {
    const file = open();
    writeFileSync(path, FILE.replace('displayname: Bob', 'displayname: Robert'));
    const stop = new AbortController();
    await file.watch(stop.signal);
    stop.abort();
    expect(file.directory.byName('bob')?.displayName).toBe('Robert');
  });
});

describe('a new digest', () => {
  it('is in the file and in force at once, with everything else as it was', () => {
    const file = open();
    expect(file.setDigest('bob', OTHER, DIGEST)).toBe('written');
    expect(digestOf(file, 'bob')).toBe(OTHER);
    expect(readFileSync(path, 'utf8')).toBe(FILE.replace(`'${DIGEST}'`, () => `"${OTHER}"`));
    expect((statSync(path).mode & 0o777).toString(8)).toBe('640');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it("keeps somebody else's edit that was not read yet", () => {
    const file = open();
    writeFileSync(path, FILE.replace('displayname: Eve', 'displayname: Evelyn'));
    expect(file.setDigest('bob', OTHER, DIGEST)).toBe('written');
    expect(file.directory.byName('eve')?.displayName).toBe('Evelyn');
    expect(readFileSync(path, 'utf8')).toContain('displayname: Evelyn');
  });

  it.each([
    ['another digest by now', FILE.replace(DIGEST, OTHER), 'bob'],
    ['disabled by now', FILE.replace('displayname: Bob', 'displayname: Bob\n    disabled: true'), 'bob'],
    ['gone by now', FILE.replace('bob:', 'rob:'), 'bob'],
    ['in a file that is being edited', 'users: [', 'bob'],
  ])('is not written where the user is %s', (_, text, name) => {
    const file = open();
    writeFileSync(path, text);
    expect(file.setDigest(name, OTHER, DIGEST)).toBe('stale');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is not written where that would be guessing', () => {
    const text = FILE.replace(`'${DIGEST}'`, `&shared '${DIGEST}'`);
    writeFileSync(path, text);
    expect(open().setDigest('bob', OTHER, DIGEST)).toBe('read_only');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('goes through a link into the file behind it', () => {
    const link = join(directory, 'link.yml');
    symlinkSync(path, link);
    expect(open(link).setDigest('bob', OTHER, DIGEST)).toBe('written');
    expect(statSync(link).isFile()).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(OTHER);
  });
});

describe('replacing the content of a file', () => {
  it('works where the directory takes no new file, and leaves nothing of a longer content', () => {
    // A name so long that none can be longer: the temporary file cannot be made, as beside a file mounted alone.
    const long = join(directory, 'u'.repeat(250));
    writeFileSync(long, 'x'.repeat(10_000), { mode: 0o600 });
    const { ino } = statSync(long);
    replaceFile(long, 'short');
    expect(readFileSync(long, 'utf8')).toBe('short');
    expect(statSync(long).ino).toBe(ino);
  });

  it('throws where it cannot be written, and leaves no file behind', () => {
    const target = join(directory, 'a-directory');
    mkdirSync(target);
    expect(() => {
      replaceFile(target, 'x');
    }).toThrow('EISDIR');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps the mode', () => {
    chmodSync(path, 0o604);
    replaceFile(path, 'new');
    expect((statSync(path).mode & 0o777).toString(8)).toBe('604');
  });
});
