import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { UserEdit } from '@portcullis/contracts-identity';
import { replaceFile } from '@portcullis/platform-config';
import { createLogger } from '@portcullis/platform-telemetry';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUsersFile, readUsers } from './read-users.js';
import { UsersFile, UsersFileError, type UsersReading } from './users-file.js';

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
    ['a file that is not there', null, /is not there/u],
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

  it('that brings back what was seen last is not missed, though a sign-in took in another in between', async () => {
    const file = open();
    const stop = new AbortController();
    await file.watch(stop.signal);
    const disabled = FILE.replace('displayname: Bob', 'displayname: Bob\n    disabled: true');
    writeFileSync(path, disabled);
    await eventually('bob to be disabled', () => file.directory.byName('bob')?.disabled === true);
    writeFileSync(path, FILE);
    expect(file.reload()).toBe(true);
    writeFileSync(path, disabled);
    await eventually('bob to be disabled once more', () => file.directory.byName('bob')?.disabled === true);
    stop.abort();
  });

  it('is not read before it is written whole, whoever asks', async () => {
    const file = open();
    const half = FILE.slice(0, FILE.indexOf('  eve:'));
    writeFileSync(path, half);
    const refreshed = file.refresh();
    writeFileSync(path, FILE.replace('displayname: Eve', 'displayname: Evelyn'));
    await refreshed;
    expect(file.directory.byName('eve')?.displayName).toBe('Evelyn');
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
  it('is in the file and in force at once, with everything else as it was', async () => {
    const file = open();
    expect(await file.setDigest(null, 'bob', OTHER, DIGEST)).toBe('written');
    expect(digestOf(file, 'bob')).toBe(OTHER);
    expect(readFileSync(path, 'utf8')).toBe(FILE.replace(`'${DIGEST}'`, () => `"${OTHER}"`));
    expect((statSync(path).mode & 0o777).toString(8)).toBe('640');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it("keeps somebody else's edit that was not read yet", async () => {
    const file = open();
    writeFileSync(path, FILE.replace('displayname: Eve', 'displayname: Evelyn'));
    expect(await file.setDigest(null, 'bob', OTHER, DIGEST)).toBe('written');
    expect(file.directory.byName('eve')?.displayName).toBe('Evelyn');
    expect(readFileSync(path, 'utf8')).toContain('displayname: Evelyn');
  });

  it.each([
    ['another digest by now', FILE.replace(DIGEST, OTHER), 'bob'],
    ['disabled by now', FILE.replace('displayname: Bob', 'displayname: Bob\n    disabled: true'), 'bob'],
    ['gone by now', FILE.replace('bob:', 'rob:'), 'bob'],
    ['in a file that is being edited', 'users: [', 'bob'],
  ])('is not written where the user is %s', async (_, text, name) => {
    const file = open();
    writeFileSync(path, text);
    expect(await file.setDigest(null, name, OTHER, DIGEST)).toBe('stale');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is not written where that would be guessing', async () => {
    const text = FILE.replace(`'${DIGEST}'`, `&shared '${DIGEST}'`);
    writeFileSync(path, text);
    expect(await open().setDigest(null, 'bob', OTHER, DIGEST)).toBe('read_only');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('goes through a link into the file behind it', async () => {
    const link = join(directory, 'link.yml');
    symlinkSync(path, link);
    expect(await open(link).setDigest(null, 'bob', OTHER, DIGEST)).toBe('written');
    expect(statSync(link).isFile()).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(OTHER);
  });
});

describe('an edit of the operator', () => {
  const user = (username: string) => ({ username, displayName: username, email: null, groups: ['dev'], disabled: false, digest: DIGEST });

  it('changes what it names, and keeps comments, order and layout of the rest', async () => {
    const file = open();
    const edits: readonly UserEdit[] = [
      { kind: 'set', username: 'bob', email: 'bob@example.com', groups: ['ops', 'dev'] },
      { kind: 'set', username: 'eve', disabled: false, digest: OTHER },
      { kind: 'add', user: user('zoe') },
    ];
    expect(await file.edit(null, edits, false)).toMatchObject({ outcome: 'done', changes: [{ fields: ['email', 'groups'] }, {}, { before: null }] });
    expect(readFileSync(path, 'utf8')).toBe(`# the team
users:
  bob: # builder
    displayname: Bob
    password: '${DIGEST}'
    email: bob@example.com
    groups:
      - ops
      - dev
  eve:
    displayname: Eve
    disabled: false
    password: '${OTHER}'
  zoe:
    displayname: zoe
    password: "${DIGEST}"
    groups:
      - dev
`);
    expect(file.directory.byName('zoe')?.groups).toEqual(['dev']);
  });

  it('takes somebody away', async () => {
    expect(await open().edit(null, [{ kind: 'delete', username: 'eve' }], false)).toMatchObject({ outcome: 'done' });
    expect(readFileSync(path, 'utf8')).toBe(FILE.slice(0, FILE.indexOf('  eve:')));
  });

  it('that is only tried changes nothing', async () => {
    expect(await open().edit(null, [{ kind: 'delete', username: 'eve' }], true)).toMatchObject({ outcome: 'done', changes: [{ after: null }] });
    expect(readFileSync(path, 'utf8')).toBe(FILE);
  });

  it.each<[what: string, edits: readonly UserEdit[], problem: string]>([
    ['somebody who is there', [{ kind: 'add', user: user('bob') }], 'bob is there already'],
    ['somebody who is not there', [{ kind: 'set', username: 'kim', disabled: true }], 'there is no user kim'],
    ['a digest that is none', [{ kind: 'set', username: 'bob', digest: 'secret' }], 'user bob: the password is no digest that can be checked'],
    ['a group with a comma', [{ kind: 'set', username: 'bob', groups: ['a,b'] }], "user bob: the group 'a,b' holds a comma"],
  ])('about %s is refused whole', async (_, edits, problem) => {
    const editing = await open().edit(null, [{ kind: 'set', username: 'eve', displayName: 'Evelyn' }, ...edits], false);
    expect(editing).toEqual({ outcome: 'invalid', problems: [expect.stringContaining(problem)] });
    expect(readFileSync(path, 'utf8')).toBe(FILE);
  });

  it('is made anew in what somebody saved while it was made', async () => {
    const search = { email: false, caseInsensitive: false };
    const saves = ['Robert', 'Rob'];
    const read = (file: string): UsersReading => {
      const reading = readUsers(file, search, () => undefined);
      const name = saves.shift();
      if (name !== undefined) writeFileSync(path, FILE.replace('displayname: Bob', `displayname: ${name}`));
      return reading;
    };
    saves.unshift('Bob');
    const file = new UsersFile({ path, search, read, onInvalid: () => undefined });
    expect(await file.edit(null, [{ kind: 'set', username: 'eve', displayName: 'Evelyn' }], false)).toMatchObject({ outcome: 'done' });
    expect(readFileSync(path, 'utf8')).toBe(FILE.replace('displayname: Bob', 'displayname: Rob').replace('displayname: Eve', 'displayname: Evelyn'));
  });

  it('is left to the operator where several people share what would change', async () => {
    const text = FILE.replace('displayname: Bob', 'displayname: Bob\n    groups: &all [dev]').replace(
      'displayname: Eve',
      'displayname: Eve\n    groups: *all',
    );
    writeFileSync(path, text);
    expect(await open().edit(null, [{ kind: 'set', username: 'bob', groups: ['ops'] }], false)).toEqual({ outcome: 'by_hand' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('several processes', () => {
  it('that write 200 changes at once lose none', async () => {
    const [first, second] = [writer('a'), writer('b')];
    await Promise.all([first.ready, second.ready]);
    for (const { child } of [first, second]) child.stdin.end('go');
    expect([await first.ended, await second.ended]).toEqual(['100', '100']);
    const names = open().directory.users.map(({ username }) => username);
    expect(names).toHaveLength(202);
    expect(readFileSync(path, 'utf8')).toContain('bob: # builder');
  }, 60_000);

  it('are told who is in the way where one writes for longer than they wait', async () => {
    const holder = await hold();
    await expect(open().setDigest(null, 'bob', OTHER, DIGEST)).rejects.toThrow(/written by another process for 5 s.*try again/);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  });

  it('do not wait for one that was killed while it wrote', async () => {
    const holder = await hold();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await open().setDigest(null, 'bob', OTHER, DIGEST)).toBe('written');
  });
});

const built = (name: string): string => pathToFileURL(join(import.meta.dirname, '../dist', name)).href;

/** A process that holds the lock until it is killed. */
async function hold() {
  const script = `import { alone } from ${JSON.stringify(built('file-lock.js'))};
    alone(${JSON.stringify(path)}, () => { process.stdout.write('locked'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return holder;
}

/** A process that adds a hundred people, one by one, when it is told to, and ends with how many it was told are kept. */
function writer(prefix: string) {
  const script = `
    import { openUsersFile, readUsers } from ${JSON.stringify(built('read-users.js'))};
    const log = { error: () => undefined, warn: () => undefined };
    const file = openUsersFile(${JSON.stringify(path)}, { email: false, caseInsensitive: false }, log);
    process.stdout.write('ready ');
    for await (const _ of process.stdin);
    let kept = 0;
    for (let at = 0; at < 100; at += 1) {
      const user = { username: ${JSON.stringify(prefix)} + at, displayName: 'x', email: null, groups: [], disabled: false, digest: ${JSON.stringify(DIGEST)} };
      if ((await file.edit(null, [{ kind: 'add', user }], false)).outcome === 'done') kept += 1;
    }
    process.stdout.write(String(kept));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = text(child.stdout).then((said) => said.replace('ready ', ''));
  return { child, ended, ready: once(child.stdout, 'readable') };
}

describe('replacing the content of a file', () => {
  it('leaves what somebody else saved in the last moment', () => {
    expect(replaceFile(path, 'new', 'what was read')).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(FILE);
    expect(readdirSync(directory)).toEqual(['users.yml']);
  });

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
