import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { portcullis } from './command.fixture.js';
import { allOf, describeCommands } from './command-tree.js';
import { createProgram } from './program.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'cli-completion-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const entries = allOf(describeCommands(createProgram('portcullis')));
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

const TYPED: readonly (readonly [line: string, has: readonly string[], hasNot: readonly string[]])[] = [
  ['portcullis ', ['storage', 'sessions', '--config', 'completion'], ['totp']],
  ['portcullis sto', ['storage'], ['sessions']],
  ['portcullis storage user ', ['totp', 'identifiers', '--sqlite.path'], ['storage']],
  ['authelia crypto hash generate ', ['argon2', 'bcrypt', '--random.length'], ['validate']],
  ['portcullis -c x crypto hash generate argon2 --mem', ['--memory'], ['--random']],
  ['portcullis crypto hash generate argon2 --variant ', ['argon2i', 'argon2d'], ['--memory', 'sha256']],
  ['portcullis crypto certificate ecdsa generate -b ', ['P384'], ['--bits']],
];

describe('completion', () => {
  beforeAll(async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = await portcullis(['completion', shell]);
      expect(code).toBe(0);
      writeFileSync(join(directory, shell), out);
    }
  });

  it('names every command and option of the program, in every shell', () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = readFileSync(join(directory, shell), 'utf8');
      const long = entries.flatMap(({ options }) => options.map((option) => option.long?.slice(2) ?? ''));
      const words = [...entries.map(({ path }) => path.map((word) => ` ${word}`).join('')), ...long];
      expect(words.filter((word) => !script.includes(word))).toEqual([]);
    }
  });

  it.runIf(has('bash')).each(TYPED)('of bash: %j', (line, wanted, unwanted) => {
    const words = line.split(' ');
    const asked = `source ${join(directory, 'bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _portcullis; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = spawnSync('bash', ['--norc', '-c', asked], { encoding: 'utf8' });
    expect(found.stderr).toBe('');
    expect(found.stdout.split('\n')).toEqual(expect.arrayContaining([...wanted]));
    for (const word of unwanted) expect(found.stdout.split('\n')).not.toContain(word);
  });

  it.runIf(has('fish')).each(TYPED)('of fish: %j', (line, wanted, unwanted) => {
    const asked = `source ${join(directory, 'fish')}; complete -C '${line}'`;
    const found = spawnSync('fish', ['--no-config', '-c', asked], { encoding: 'utf8' });
    expect(found.stderr).toBe('');
    const words = found.stdout.split('\n').map((row) => row.split('\t')[0]);
    // Fish offers options once a dash is typed.
    expect(words).toEqual(expect.arrayContaining(wanted.filter((word) => !word.startsWith('-') || line.includes('--mem'))));
    for (const word of unwanted) expect(words).not.toContain(word);
  });

  it.runIf(has('zsh'))('of zsh: the script is one that zsh reads', () => {
    const read = spawnSync(
      'zsh',
      ['-f', '-c', `autoload -U compinit; compinit -D; source ${join(directory, 'zsh')}; print $_comps[portcullis] $_comps[authelia]`],
      {
        encoding: 'utf8',
      },
    );
    expect([read.stdout, read.stderr]).toEqual(['_portcullis _portcullis\n', '']);
  });

  it('of another shell is typed wrongly', async () => {
    expect(await portcullis(['completion', 'csh'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bash, zsh, fish') });
  });
});

describe('man', () => {
  const pages = join(directory, 'man1');

  it('writes a page for every command, and none over a page that is there', async () => {
    expect((await portcullis(['man', '--directory', pages])).code).toBe(0);
    expect(readdirSync(pages).sort()).toEqual(entries.map(({ path }) => `${['portcullis', ...path].join('-')}.1`).sort());
    expect(await portcullis(['man', '--directory', pages])).toMatchObject({ code: 1, err: expect.stringContaining('--force') });
    expect((await portcullis(['man', '--directory', pages, '--force'])).code).toBe(0);
    const page = readFileSync(join(pages, 'portcullis-storage-user-totp-generate.1'), 'utf8');
    expect(page).toContain('.SH "EXAMPLES"');
    expect(page).toContain('.B "\\-\\-secret <base32>"');
  });

  it.runIf(has('groff'))('that groff has nothing to say of', () => {
    const files = readdirSync(pages).map((name) => join(pages, name));
    const { status, stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8', ...files], { encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});
