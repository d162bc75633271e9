import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { FileText } from './load.js';

/** A configuration as somebody ran it, to be kept. */
export interface NewConfiguration {
  readonly texts: readonly FileText[];
  /** Where its files lie: what is kept names them from there. */
  readonly base: string;
  readonly hash: string;
  /** Who took it. */
  readonly by: string;
  /** False: it was not taken, but was in the way of one that was brought back. */
  readonly taken: boolean;
  readonly atMs: number;
}

/** The same as it is kept: a directory with the files as they were, and what is known of them. */
export interface KeptConfiguration extends Omit<NewConfiguration, 'texts' | 'base'> {
  /** Of the directory. */
  readonly name: string;
  readonly directory: string;
  readonly files: readonly KeptFile[];
}

interface KeptFile extends FileText {
  /** From where the configuration lies. */
  readonly path: string;
}

const FACTS = 'kept.json';
const facts = z.object({
  atMs: z.number(),
  hash: z.string(),
  by: z.string(),
  taken: z.boolean(),
  files: z.array(z.object({ name: z.string(), path: z.string() })),
});

/** What is kept in a directory, newest first; what is no kept configuration is passed over. Rejects where the directory is there and cannot be read. */
export async function keptConfigurations(directory: string): Promise<readonly KeptConfiguration[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const kept = await Promise.all(names.filter((name) => !name.startsWith('.')).map((name) => readKept(directory, name)));
  return kept.flatMap((each) => each ?? []).sort((a, b) => b.atMs - a.atMs || (a.name < b.name ? 1 : -1));
}

async function readKept(directory: string, name: string): Promise<KeptConfiguration | null> {
  const own = join(directory, name);
  try {
    const { files, ...known } = facts.parse(JSON.parse(await readFile(join(own, FACTS), 'utf8')));
    const read = async ({ name: file, path }: (typeof files)[number]): Promise<KeptFile> => ({
      path,
      file: join(own, basename(file)),
      text: await readFile(join(own, basename(file)), 'utf8'),
    });
    return { ...known, name, directory: own, files: await Promise.all(files.map(read)) };
  } catch {
    return null;
  }
}

/**
 * Keeps it, unless it is the newest there already (or, of what was not taken, there at all); older ones with the same files go, and beyond
 * `most` the oldest. It appears whole, and several may keep the same one at once. Rejects where the directory cannot be written.
 * @returns its name
 */
export async function keepConfiguration(directory: string, fresh: NewConfiguration, most: number): Promise<string> {
  const before = await keptConfigurations(directory);
  const same = before.filter((kept) => contentOf(kept) === contentOfNew(fresh));
  const there = fresh.taken ? same.find((kept) => kept === before[0] && kept.taken) : same[0];
  if (there !== undefined) return there.name;
  const name = await write(directory, fresh);
  await tidy(directory, most);
  return name;
}

// After the writing: of several that keep the same one at once, the last sees all of them.
async function tidy(directory: string, most: number): Promise<void> {
  const kept = await keptConfigurations(directory);
  const contents = kept.map(contentOf);
  const distinct = kept.filter((_, index) => contents.indexOf(contents[index] ?? '') === index);
  const staying = new Set(distinct.slice(0, Math.max(1, most)));
  // What another user has kept there stays until that one tidies up.
  for (const old of kept.filter((each) => !staying.has(each))) await rm(old.directory, { recursive: true, force: true }).catch(() => undefined);
}

const contentOf = ({ files }: KeptConfiguration): string => JSON.stringify(files.map(({ path, text }) => [path, text]));
const contentOfNew = ({ texts, base }: NewConfiguration): string => JSON.stringify(texts.map(({ file, text }) => [relative(base, file), text]));

async function write(directory: string, { texts, base, ...known }: NewConfiguration): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = `${new Date(known.atMs).toISOString().replaceAll(':', '-')}-${known.hash.slice(0, 12)}`;
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(temporary, { mode: 0o700 });
    const named = texts.map(({ file }, index) => ({ name: nameIn(texts, index), path: relative(base, file) }));
    for (const [index, { text }] of texts.entries()) await writeOwn(join(temporary, named[index]?.name ?? ''), text);
    await writeOwn(join(temporary, FACTS), `${JSON.stringify({ ...known, files: named }, null, 2)}\n`);
    await giveAway(temporary, [...named.map((each) => each.name), FACTS], directory);
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
  return name;
}

/** As the file is called, with a number before it where another is called the same. */
function nameIn(texts: readonly FileText[], index: number): string {
  const name = basename(texts[index]?.file ?? '');
  const isFirst = texts.findIndex(({ file }) => basename(file) === name) === index;
  return isFirst && name !== FACTS ? name : `${index + 1}-${name}`;
}

async function writeOwn(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What root keeps belongs to whoever keeps the rest. */
async function giveAway(temporary: string, names: readonly string[], directory: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(directory).then((own) => (own.uid === 0 ? stat(dirname(directory)) : own));
  for (const path of [directory, temporary, ...names.map((name) => join(temporary, name))]) await chown(path, uid, gid);
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
