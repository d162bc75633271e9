import { parseDigest } from '@portcullis/domain-passwords';
import { createDigests } from '@portcullis/platform-digests';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { MAIN, portcullis } from './command.fixture.js';

const directory = mkdtempSync(join(tmpdir(), 'cli-crypto-'));
const digests = createDigests();
afterAll(async () => {
  await digests.close();
  rmSync(directory, { recursive: true });
});

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const PASSWORD = 'a pass wörd';
const generate = (...words: readonly string[]) => portcullis(['crypto', 'hash', 'generate', ...words]);
const digestIn = (out: string): string => /^Digest: (\S+)$/m.exec(out)?.[1] ?? '';

async function opens(digest: string, password: string): Promise<boolean> {
  const parsed = parseDigest(digest);
  return parsed !== null && (await digests.verify(parsed.text, password));
}

it.each([
  ['argon2', '$argon2id$v=19$m=65536,t=3,p=4$', []],
  ['argon2', '$argon2i$v=19$m=2048,t=2,p=1$', ['-v', 'argon2i', '-m', '2048', '-i', '2', '-p', '1']],
  ['argon2', '$argon2id$v=19$m=32768,t=4,p=4$', ['--profile', 'low-memory']],
  ['bcrypt', '$2b$12$', []],
  ['bcrypt', '$bcrypt-sha256$v=2,t=2b,r=10$', ['--variant', 'sha256', '--cost', '10']],
  ['pbkdf2', '$pbkdf2-sha512$310000$', []],
  ['pbkdf2', '$pbkdf2-sha256$100000$', ['-v', 'sha256', '-i', '100000']],
  ['scrypt', '$scrypt$ln=16,r=8,p=1$', []],
  ['scrypt', '$scrypt$ln=10,r=4,p=2$', ['-v', 'scrypt', '-i', '10', '-r', '4', '-p', '2']],
  ['sha2crypt', '$6$rounds=50000$', []],
  ['sha2crypt', '$5$rounds=2000$', ['-v', 'sha256', '-i', '2000']],
])('%s makes a digest %s… that the services check, and so does validate', async (algorithm, start, flags) => {
  const made = await generate(algorithm, ...flags, '--password', PASSWORD);
  const digest = digestIn(made.out);
  expect(digest.slice(0, start.length)).toBe(start);
  expect([await opens(digest, PASSWORD), await opens(digest, 'another')]).toEqual([true, false]);

  const validate = (password: string) => portcullis(['crypto', 'hash', 'validate', '--password', password, '--', digest]);
  const [right, wrong] = await Promise.all([validate(PASSWORD), validate('another')]);
  expect(right).toEqual({ code: 0, out: 'The password matches the digest.\n', err: '' });
  expect(wrong).toEqual({ code: 1, out: 'The password does not match the digest.\n', err: '' });
});

it('says why it cannot check a digest', async () => {
  const validate = (digest: string) => portcullis(['crypto', 'hash', 'validate', '--password', 'x', '--', digest]);
  const says = (what: string): string => `That is ${what}. Is it in single quotes, and whole? A new one: portcullis crypto hash generate argon2\n`;
  expect(await validate('$argon2id$v=19')).toEqual({ code: 1, out: '', err: says('an argon2id digest that is cut short or altered') });
  const yescrypt = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC';
  expect(await validate(yescrypt)).toEqual({ code: 1, out: '', err: says('a yescrypt digest, which cannot be checked here') });
});

it.each([
  [['argon'], "'argon' is not one of argon2, bcrypt, pbkdf2, scrypt, sha2crypt."],
  [['argon2', '-m', 'much', '--password', 'x'], "argon2: 'memory' is NaN, but must be a whole number"],
  [['argon2', '--profile', 'tiny', '--password', 'x'], 'Allowed choices are recommended, low-memory.'],
  [['pbkdf2', '-v', 'md5', '--password', 'x'], 'Allowed choices are sha1, sha224, sha256, sha384, sha512.'],
  [['scrypt', '-v', 'yescrypt', '--password', 'x'], 'Allowed choices are scrypt.'],
])('generate %j is refused as typed wrongly', async (words, reason) => {
  const { code, out, err } = await generate(...words);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(reason);
});

it('without an algorithm makes the digest that the configuration asks for, also where the rest of it is broken', async () => {
  const file = join(directory, 'configuration.yml');
  writeFileSync(file, 'authentication_backend:\n  file:\n    path: users.yml\n    password:\n      algorithm: sha2crypt\nnonsense: true\n');
  const made = await generate('--password', PASSWORD, '--config', file);
  expect(made.out).toMatch(/^Digest: \$6\$/);
  expect((await generate('--password', PASSWORD, '--config', join(directory, 'none.yml'))).out).toMatch(/^Digest: \$argon2id\$/);
});

it('makes up a password, prints it, also as an address takes it', async () => {
  const { out } = await generate('bcrypt', '--cost', '10', '--random', '--random.length', '20', '--random.characters', '[]');
  const [, password = '', encoded, digest = ''] = /^Random Password: (.*)\nRandom Password \(URL Encoded\): (.*)\nDigest: (.*)\n$/.exec(out) ?? [];
  expect(password).toMatch(/^[[\]]{20}$/);
  expect(encoded).toBe(encodeURIComponent(password));
  expect(await opens(digest, password)).toBe(true);
});

it('answers scripts in JSON', async () => {
  const made = JSON.parse((await generate('bcrypt', '--cost', '10', '--random', '--json')).out) as { password: string; digest: string };
  expect(made.password).toMatch(/^[A-Za-z0-9]{72}$/);
  expect(await opens(made.digest, made.password)).toBe(true);
  const validated = await portcullis(['crypto', 'hash', 'validate', '--json', '--password', 'x', '--', made.digest]);
  expect([validated.code, JSON.parse(validated.out)]).toEqual([1, { matches: false }]);
});

it('takes a password by a pipe, and says so where none comes', async () => {
  const made = await portcullis(['crypto', 'hash', 'generate', 'bcrypt', '-i', '10'], { input: `${PASSWORD}\n` });
  expect(await opens(digestIn(made.out), PASSWORD)).toBe(true);
  expect(await portcullis(['crypto', 'hash', 'validate', '--', digestIn(made.out)], { input: PASSWORD })).toMatchObject({ code: 0 });
  const none = await portcullis(['crypto', 'hash', 'generate']);
  expect([none.code, none.out]).toEqual([2, '']);
  expect(none.err).toContain('give the password by --password');
});

const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

it.runIf(hasTerminal)('asks twice at a terminal, without echo', async () => {
  const command = `'${process.execPath}' '${MAIN}' crypto hash generate bcrypt -i 10`;
  const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { timeout: 30_000, killSignal: 'SIGKILL', env: { TERM: 'xterm' } });
  let seen = '';
  for (const question of ['Enter Password:', 'Confirm Password:']) {
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      seen += String(chunk);
      if (seen.includes(question)) break;
    }
    child.stdin.write('s3cret-0f-mine\r');
  }
  const closed = once(child, 'close');
  for await (const chunk of child.stdout) seen += String(chunk);
  await closed;
  expect(child.exitCode).toBe(0);
  expect(seen).not.toContain('s3cret');
  expect(await opens(/Digest: (\S+)/.exec(seen)?.[1] ?? '', 's3cret-0f-mine')).toBe(true);
});

it.each([
  [[], /^Random Value: [A-Za-z0-9]{72}\n$/],
  [['-n', '12', '-x', 'numeric'], /^Random Value: \d{12}\n$/],
  [['--length', '40', '--charset', 'numeric-hex'], /^Random Value: [\dA-F]{40}\n$/],
  [['--length', '200', '--charset', 'rfc3986'], /^Random Value: [\w.~-]{200}\n$/],
  [['--characters', 'ab'], /^Random Value: [ab]{72}\n$/],
])('rand %j', async (flags, expected) => {
  const [first, second] = await Promise.all([portcullis(['crypto', 'rand', ...flags]), portcullis(['crypto', 'rand', ...flags])]);
  expect(first.out).toMatch(expected);
  expect(first.out).not.toBe(second.out);
});

it.each([[['-n', 'many']], [['-n', '0']], [['-x', 'emoji']], [['--characters', 'a']]])('rand %j is refused as typed wrongly', async (flags) => {
  expect(await portcullis(['crypto', 'rand', ...flags])).toMatchObject({ code: 2, out: '' });
});
