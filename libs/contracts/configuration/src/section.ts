import type { z } from 'zod';
import { checkStates } from './check-states.js';
import { type ConfigurationProblem, type ParseContext, Report } from './report.js';

/** The plain values a loader made: today's key names, durations in milliseconds, addresses taken apart. */
export type ConfigurationTree = Readonly<Record<string, unknown>>;

/** A part of the configuration in our own words. */
export interface Section<T> {
  readonly schema: z.ZodType;
  /** Undefined only where an error was reported. */
  read(tree: ConfigurationTree, report: Report): T | undefined;
}

export type Sections = Readonly<Record<string, Section<unknown>>>;
export type ValuesOf<S extends Sections> = { readonly [K in keyof S]: S[K] extends Section<infer T> ? T : never };

export type ParsedConfiguration<S extends Sections> =
  | { readonly ok: true; readonly value: ValuesOf<S>; readonly problems: readonly ConfigurationProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

/** Reads the sections a service needs, and refuses what no service can honour yet; every problem is named, errors do not stop the reading. */
export function parseConfiguration<S extends Sections>(tree: ConfigurationTree, sections: S, context: ParseContext): ParsedConfiguration<S> {
  const report = new Report(context);
  checkStates(tree, report);
  const value = Object.fromEntries(Object.entries(sections).map(([name, section]) => [name, section.read(tree, report)]));
  if (report.errorCount > 0) return { ok: false, problems: report.problems };
  // Without an error every section gave its value, under its own name.
  return { ok: true, value: value as ValuesOf<S>, problems: report.problems };
}

/** A section of a schema over the whole tree, none of whose keys is required (`build` asks for what it needs). */
export function defineSection<S extends z.ZodType, T>(schema: S, build: (raw: z.output<S>, report: Report) => T | undefined): Section<T> {
  return {
    schema,
    read(tree, report) {
      const first = schema.safeParse(tree);
      if (first.success) return build(first.data, report);
      for (const issue of first.error.issues) report.error(pathOf(issue.path), issue.message, fixOf(issue));
      const rest = schema.safeParse(without(tree, first.error.issues));
      return rest.success ? build(rest.data, report) : undefined;
    },
  };
}

function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => (typeof key === 'number' ? `${path}[${key}]` : path === '' ? String(key) : `${path}.${String(key)}`), '');
}

/** What may stand there instead, as far as the schema knows. */
function fixOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `write ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `write ${String(issue.minimum)} or more`;
    case 'too_big':
      return `write ${String(issue.maximum)} or less`;
    default:
      return 'docs/configuration.md says what may stand there';
  }
}

/** The tree without the values that failed, so that the rest is checked in the same run. */
function without(tree: ConfigurationTree, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(tree);
  for (const { path } of issues) {
    // A bad entry of a plain list takes the list with it: a hole would fail again.
    const failed = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;
    let parent: unknown = copy;
    for (const key of failed.slice(0, -1)) parent = child(parent, key);
    const last = failed.at(-1);
    if (typeof parent === 'object' && parent !== null && last !== undefined) Reflect.deleteProperty(parent, last);
  }
  return copy;
}

function child(parent: unknown, key: PropertyKey): unknown {
  return typeof parent === 'object' && parent !== null ? Reflect.get(parent, key) : undefined;
}
