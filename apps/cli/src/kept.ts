import { changedPaths, configurationHistorySection } from '@portcullis/contracts-configuration';
import { type FileText, formatProblems, type KeptConfiguration, keptConfigurations } from '@portcullis/platform-config';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfiguration, readPlain } from './config.js';
import { EXIT, Failure } from './failure.js';

export interface History {
  /** Where configurations are kept. */
  readonly directory: string;
  /** How many; 0: none. */
  readonly keep: number;
  /** Where the files lie. */
  readonly base: string;
  /** The files as they are. */
  readonly now: readonly FileText[];
  /** Newest first. */
  readonly kept: readonly KeptConfiguration[];
}

/** A file that another configuration has otherwise; null: not at all. */
export interface FileChange {
  readonly file: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What the gateways have kept. Works with files that are broken too, but for a folder that a broken file names: hence `named`. */
export async function readHistory(files: readonly string[], named: string | undefined): Promise<History> {
  const { value, problems } = readConfiguration(files, { history: configurationHistorySection });
  if (value === null && named === undefined)
    throw new Failure(formatProblems(problems.filter(({ path }) => path.startsWith('configuration_history'))));
  const { texts, directory: base } = readPlain(files);
  const directory = named ?? value?.history.directory ?? '';
  try {
    return { directory, keep: value?.history.keep ?? 1, base, now: texts, kept: await keptConfigurations(directory) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`${directory} cannot be read: ${reason}\nIt is the gateway's own: type this as the gateway's user, or as root.`, EXIT.unable);
  }
}

/** What restoring it would do to the files; empty: they are as it was. */
export function changesTo({ files }: KeptConfiguration, { base, now }: History): readonly FileChange[] {
  const wanted = new Map(files.map(({ path, text }) => [join(base, path), text]));
  const present = new Map(now.map(({ file, text }) => [join(file), text]));
  const names = [...new Set([...wanted.keys(), ...present.keys()])];
  return names.flatMap((file) => {
    const before = present.get(file) ?? (existsSync(file) ? readFileSync(file, 'utf8') : null);
    const after = wanted.get(file) ?? null;
    return before === after ? [] : [{ file, before, after }];
  });
}

/** Its files where they are kept, in the order in which they are merged. */
export const placesOf = ({ files }: KeptConfiguration): readonly string[] => files.map(({ file }) => file);

/** What it says otherwise than the one before it: the paths of the keys. */
export const changesSince = (before: KeptConfiguration, after: KeptConfiguration): readonly string[] =>
  changedPaths(readPlain(placesOf(before)).tree, readPlain(placesOf(after)).tree);
