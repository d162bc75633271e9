import { TemplateError, type Piece } from '@portcullis/platform-template';
import { environmentFilter } from './filter-environment.js';
import { templateFilter } from './filter-template.js';
import type { Problem } from './problem.js';
import type { ConfigurationTables } from './tables.js';

/** What a filter may look at. */
export interface FilterWorld {
  /** Undefined where it is not set; '' for a secret that sets its key without a line of the file. */
  readonly variable: (name: string) => string | undefined;
  /** Throws where there is none. */
  readonly readFile: (path: string) => string;
}

export interface FilterWarning {
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** Throws TemplateError. */
export type Filter = (text: string, world: FilterWorld) => { readonly pieces: readonly Piece[]; readonly warnings: readonly FilterWarning[] };

/** A file as the filters leave it. */
export interface Filtered {
  readonly text: string;
  /** The line of the file that a line of `text` comes from. */
  readonly lineOf: (line: number) => number;
  readonly problems: readonly Problem[];
}

export type FileFilter = (text: string, file: string) => Filtered;

const FILTERS: Readonly<Record<string, Filter>> = { 'expand-env': environmentFilter, template: templateFilter };

/** Puts all filters that a variable names (joined by commas, in their order) over one file after the other; the variable itself may be wrong. */
export function fileFilter(
  environment: Readonly<Record<string, string | undefined>>,
  tables: ConfigurationTables,
  readFile: (path: string) => string,
): { readonly filter: FileFilter; readonly problems: readonly Problem[] } {
  const variable = tables.filterVariables.find((name) => (environment[name] ?? '') !== '');
  const names = (environment[variable ?? ''] ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim().toLowerCase()]));
  const world: FilterWorld = { variable: (name) => (isSecret(name, tables) ? '' : environment[name]), readFile };
  return {
    filter: (text, file) => names.reduce((before, name) => runFilter(name, before, file, world), unfiltered(text)),
    problems: names.flatMap((name, index) => problemOf(name, names.indexOf(name) !== index, variable ?? '')),
  };
}

export const unfiltered = (text: string): Filtered => ({ text, lineOf: (line) => line, problems: [] });

/** As `AUTHELIA_SESSION_SECRET`: in a file it would lie open in what `config template` shows. */
function isSecret(name: string, { prefixes, secretNames }: ConfigurationTables): boolean {
  const upper = name.toUpperCase().replace(/^X_/u, '');
  return prefixes.some((prefix) => upper.startsWith(prefix)) && secretNames.some((secret) => upper.endsWith(secret.toUpperCase()));
}

function problemOf(name: string, isAgain: boolean, variable: string): Problem[] {
  const at = { severity: 'error', path: '', file: `environment: ${variable}` } as const;
  if (!(name in FILTERS)) return [{ ...at, message: `there is no filter '${name}'`, fix: `write ${Object.keys(FILTERS).join(', ')} or both` }];
  return isAgain ? [{ ...at, message: `the filter ${name} is there twice`, fix: 'write it once' }] : [];
}

function runFilter(name: string, before: Filtered, file: string, world: FilterWorld): Filtered {
  const run = FILTERS[name];
  if (run === undefined || before.problems.some(({ severity }) => severity === 'error')) return before;
  const at = (line: number): { readonly path: ''; readonly file: string; readonly line: number } => ({ path: '', file, line: before.lineOf(line) });
  try {
    const { pieces, warnings } = run(before.text, world);
    const lines = linesOf(pieces);
    return {
      text: pieces.map(({ text }) => text).join(''),
      lineOf: (line) => before.lineOf(lines[line - 1] ?? lines.at(-1) ?? 1),
      problems: [...before.problems, ...warnings.map(({ line, ...warning }) => ({ severity: 'warning' as const, ...at(line), ...warning }))],
    };
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause;
    const errors = [cause, ...cause.following].map(({ message, line = 1 }) => ({
      severity: 'error' as const,
      ...at(line),
      message: `the filter ${name}: ${message}`,
      fix: 'correct it, or write the value itself into the file',
    }));
    return { ...before, problems: [...before.problems, ...errors] };
  }
}

/** For each line of the text the line its first character comes from. */
function linesOf(pieces: readonly Piece[]): readonly number[] {
  const lines: number[] = [];
  let isEmpty = true;
  for (const { text, line, isWritten } of pieces) {
    const lineAt = (index: number): number => (isWritten ? line + index : line);
    text.split('\n').forEach((part, index) => {
      if (index > 0 && isEmpty) lines.push(lineAt(index - 1));
      if (index > 0) isEmpty = true;
      if (part !== '' && isEmpty) lines.push(lineAt(index));
      if (part !== '') isEmpty = false;
    });
  }
  return lines;
}
