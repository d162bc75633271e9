import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepConfiguration, keptConfigurations, type NewConfiguration } from './kept-configurations.js';

let base: string;
let directory: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'portcullis-kept-'));
  directory = join(base, 'kept');
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

const textsOf = (...texts: readonly string[]): NewConfiguration['texts'] =>
  texts.map((text, index) => ({ file: join(base, ['configuration.yml', 'portcullis.yml'][index] ?? ''), text }));
let clockMs = Date.UTC(2026, 10, 26, 18, 40);
const keep = (texts: NewConfiguration['texts'], more: Partial<NewConfiguration> & { readonly most?: number } = {}): Promise<string> => {
  const { most = 20, ...known } = more;
  clockMs += 1;
  return keepConfiguration(directory, { texts, base, hash: 'abcdef0123456789', by: 'a gateway', taken: true, atMs: clockMs, ...known }, most);
};
const kept = async (): Promise<readonly string[]> =>
  (await keptConfigurations(directory)).map(({ files }) => files.map(({ text }) => text).join('+'));

it('the files are kept as they are, for nobody but their owner', async () => {
  const name = await keep(textsOf('log: {}\n# a comment\n', 'session: {}\n'));
  expect(name).toMatch(/^2026-11-26T18-40-00\.\d{3}Z-abcdef012345$/);
  expect(readFileSync(join(directory, name, 'configuration.yml'), 'utf8')).toBe('log: {}\n# a comment\n');
  for (const path of [directory, join(directory, name)]) expect(statSync(path).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(join(directory, name))) expect(statSync(join(directory, name, file)).mode & 0o777).toBe(0o600);
  expect(await keptConfigurations(directory)).toEqual([
    {
      name,
      directory: join(directory, name),
      atMs: clockMs,
      hash: 'abcdef0123456789',
      by: 'a gateway',
      taken: true,
      files: [
        { path: 'configuration.yml', file: join(directory, name, 'configuration.yml'), text: 'log: {}\n# a comment\n' },
        { path: 'portcullis.yml', file: join(directory, name, 'portcullis.yml'), text: 'session: {}\n' },
      ],
    },
  ]);
});

it('two files of one name are kept apart', async () => {
  await keep([
    { file: join(base, 'a/rules.yml'), text: 'one' },
    { file: join(base, '../rules.yml'), text: 'two' },
  ]);
  const [only] = await keptConfigurations(directory);
  expect(only?.files.map(({ path, text }) => [path, text])).toEqual([
    ['a/rules.yml', 'one'],
    ['../rules.yml', 'two'],
  ]);
});

it('the same files are kept once, by when they were last taken', async () => {
  for (const text of ['one', 'one', 'two', 'three', 'one']) await keep(textsOf(text));
  expect(await kept()).toEqual(['one', 'three', 'two']);
});

it('what several keep in the same moment is kept once, and whole', async () => {
  const names = await Promise.all([0, 0, 1, 2, 2, 3].map((ms) => keep(textsOf('one'), { atMs: clockMs + ms })));
  expect(await kept()).toEqual(['one']);
  expect(readdirSync(directory)).toEqual([names.at(-1)]);
});

it('the oldest go', async () => {
  for (const text of ['one', 'two', 'three', 'four']) await keep(textsOf(text), { most: 3 });
  expect(await kept()).toEqual(['four', 'three', 'two']);
});

it('what was in the way counts as taken once it is', async () => {
  await keep(textsOf('one'), { taken: false });
  await keep(textsOf('one'), { taken: false });
  expect((await keptConfigurations(directory)).map(({ taken }) => taken)).toEqual([false]);
  await keep(textsOf('one'));
  await keep(textsOf('two'));
  await keep(textsOf('one'), { taken: false });
  expect((await keptConfigurations(directory)).map(({ taken }) => taken)).toEqual([true, true]);
});

it('whatever else lies there is passed over, and a path that leads out of it is not followed', async () => {
  await keep(textsOf('one'));
  mkdirSync(join(directory, 'notes'));
  mkdirSync(join(directory, 'broken'));
  writeFileSync(join(directory, 'broken/kept.json'), '{"atMs":');
  mkdirSync(join(directory, 'forged'));
  writeFileSync(join(base, 'secret'), 'a secret');
  const files = [{ name: '../../secret', path: 'configuration.yml' }];
  writeFileSync(join(directory, 'forged/kept.json'), JSON.stringify({ atMs: 1, hash: 'a', by: 'b', taken: true, files }));
  expect(await kept()).toEqual(['one']);
  expect(existsSync(join(directory, 'notes'))).toBe(true);
});

it('nothing is kept yet where there is no directory, and one that cannot be made is said', async () => {
  expect(await keptConfigurations(directory)).toEqual([]);
  writeFileSync(join(base, 'file'), '');
  chmodSync(join(base, 'file'), 0o400);
  directory = join(base, 'file/kept');
  await expect(keep(textsOf('one'))).rejects.toThrow('ENOTDIR');
});
