import { keptConfigurations } from '@portcullis/platform-config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Reading } from './config.js';
import { configurationKeeper } from './keep-configuration.js';

let base: string;
let told: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'portcullis-keeper-'));
  told = [];
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

const keeperOf = (directory: string, keep = 20) => {
  let nowMs = 0;
  const logger = { info: (message: string) => told.push(`info: ${message}`), warn: (message: string) => told.push(`warn: ${message}`) };
  return configurationKeeper({ directory, keep, instance: 'a gateway', logger, now: () => (nowMs += 1) });
};
const readingOf = (text: string) =>
  ({ texts: [{ file: join(base, 'configuration.yml'), text }], hash: `hash of ${text}`, directory: base }) as unknown as Reading;
const keeps = (directory: string, expected: readonly string[]) =>
  vi.waitFor(async () => {
    expect((await keptConfigurations(directory)).map(({ hash }) => hash)).toEqual(expected);
  });
const tells = (expected: readonly unknown[]) =>
  vi.waitFor(() => {
    expect(told).toEqual(expected);
  });

it('what is taken in quick succession is kept in its order', async () => {
  const directory = join(base, 'kept');
  const keep = keeperOf(directory);
  for (const text of ['one', 'two', 'three']) keep(readingOf(text));
  await keeps(directory, ['hash of three', 'hash of two', 'hash of one']);
  expect(told).toEqual([]);
});

it('what cannot be kept is said once, and again after it could', async () => {
  const blocked = join(base, 'blocked');
  const directory = join(blocked, 'kept');
  const keep = keeperOf(directory);
  writeFileSync(blocked, '');
  keep(readingOf('one'));
  keep(readingOf('two'));
  const warning = 'warn: The configuration could not be kept, and is in force all the same';
  await tells([warning]);
  rmSync(blocked);
  keep(readingOf('three'));
  await vi.waitFor(async () => {
    expect((await keptConfigurations(directory)).map(({ hash }) => hash)).toContain('hash of three');
  });
  rmSync(blocked, { recursive: true });
  writeFileSync(blocked, '');
  keep(readingOf('four'));
  await tells([warning, warning]);
});

it('a folder that is not ours to write is no fault', async () => {
  keeperOf('/sys/portcullis')(readingOf('one'));
  await tells([expect.stringMatching(/^info: Configurations that were taken are not kept/)]);
});

it('none is kept where none shall be', async () => {
  const directory = join(base, 'kept');
  const other = join(base, 'other');
  keeperOf(directory, 0)(readingOf('one'));
  keeperOf(other)(readingOf('one'));
  await keeps(other, ['hash of one']);
  expect(await keptConfigurations(directory)).toEqual([]);
});
