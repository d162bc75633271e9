import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSecretFile, SecretFileError } from './secret-file.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secret-'));
  path = join(directory, 'key');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('ensureSecretFile', () => {
  it('makes the secret once, for its owner alone, and leaves nothing else behind', () => {
    expect(ensureSecretFile(path, () => 'first')).toEqual({ secret: 'first', created: true });
    expect(ensureSecretFile(path, () => 'second')).toEqual({ secret: 'first', created: false });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('first\n');
    expect(readdirSync(directory)).toEqual(['key']);
  });

  it('reads what a person wrote', () => {
    writeFileSync(path, '  by hand\n\n');
    expect(ensureSecretFile(path, () => 'x')).toEqual({ secret: 'by hand', created: false });
  });

  it('takes the secret of another that came first while ours was made', () => {
    const make = (): string => {
      writeFileSync(path, 'theirs\n');
      return 'ours';
    };
    expect(ensureSecretFile(path, make)).toEqual({ secret: 'theirs', created: false });
    expect(readdirSync(directory)).toEqual(['key']);
  });

  it('gives one secret to processes that start at once', async () => {
    const script = `import { ensureSecretFile } from ${JSON.stringify(new URL('./secret-file.ts', import.meta.url).href)};
      console.log(JSON.stringify(ensureSecretFile(process.argv[1], () => String(process.pid))));`;
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script, path]);
    const answers = (await Promise.all(Array.from({ length: 6 }, start))).map(
      ({ stdout }) => JSON.parse(stdout) as { secret: string; created: boolean },
    );
    expect(new Set(answers.map(({ secret }) => secret)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it('never replaces an empty file, which may be what is left of a secret', () => {
    writeFileSync(path, '\n');
    expect(() => ensureSecretFile(path, () => 'x')).toThrow(SecretFileError);
    expect(readFileSync(path, 'utf8')).toBe('\n');
  });

  it('says what it cannot do', () => {
    expect(() => ensureSecretFile(join(directory, 'no', 'key'), () => 'x')).toThrow(/cannot be made/u);
    expect(() => ensureSecretFile(directory, () => 'x')).toThrow(/cannot be read/u);
  });
});
