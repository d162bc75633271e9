import { createHash } from 'node:crypto';
import { readEnvironment } from './environment.js';
import { readFileSync } from 'node:fs';
import { configurationPaths, filesOf, readFiles } from './files.js';
import { fileFilter } from './filters.js';
import { KnownKeys } from './known-keys.js';
import { parseLocatedYaml, readFiltered } from './read-yaml.js';
import { type LocatedMap, plain, sourcesOf } from './located.js';
import { applyMappings } from './mappings.js';
import type { Problem, Sources } from './problem.js';
import type { ConfigurationTables } from './tables.js';

export interface LoadOptions {
  /** Values of the `--config` flags: files or directories, each possibly several joined by commas; empty: see `fileVariables`. */
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tables: ConfigurationTables;
}

export interface Loaded {
  /** Plain values under today's key names; durations are milliseconds, addresses are `Address`. */
  readonly tree: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly sources: Sources;
  /** SHA-256 (hex) over the tree: equal wherever the same configuration runs. */
  readonly hash: string;
  /** Where the first file lies. */
  readonly directory: string;
  /** Each file as it was read, before the filters, in the order in which they are merged. */
  readonly texts: readonly FileText[];
  /** What to watch: every file and directory given, the overlay whether or not it exists yet, and what filters have read. */
  readonly watched: readonly string[];
}

/** A file that was read. */
export interface FileText {
  readonly file: string;
  readonly text: string;
}

/** Reads files, environment and secrets into one tree; never throws for what a person wrote, but reports all of it. */
export function loadConfiguration({ files, environment, tables }: LoadOptions): Loaded {
  const readByFilters = new Set<string>();
  const { filter, problems: ofFilters } = fileFilter(environment, tables, (path) => {
    readByFilters.add(path);
    return readFileSync(path, 'utf8');
  });
  const texts: FileText[] = [];
  const { map, problems, directory, watched } = readFiles(configurationPaths(files, environment, tables), tables.overlay, (text, file) => {
    texts.push({ file, text });
    return filter(text, file);
  });
  const found = [
    ...ofFilters,
    ...problems,
    ...readEnvironment(map, environment, tables),
    ...applyMappings(map, tables.mappings),
    ...knownKeys(tables).apply(map),
  ];
  const tree = treeOf(map);
  return { tree, problems: found, sources: placesOf(map), hash: hashOf(tree), texts, directory, watched: [...watched, ...readByFilters] };
}

/** One text read alone, without environment, overlay and filters. */
export interface TextReading {
  readonly tree: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly sources: Sources;
}

/** Reads a text as `loadConfiguration` reads a file; `file` is the name for its places. */
export function readText(text: string, file: string, tables: Names): TextReading {
  const { map, problems } = parseLocatedYaml(text, file);
  const found = [...problems, ...applyMappings(map, tables.mappings), ...knownKeys(tables).apply(map)];
  return { tree: treeOf(map), problems: found, sources: placesOf(map) };
}

type Names = Pick<ConfigurationTables, 'mappings' | 'keys'>;

const knownKeys = ({ keys, mappings }: Names): KnownKeys =>
  new KnownKeys(
    keys,
    mappings.flatMap(({ from }) => from),
  );

const treeOf = (map: LocatedMap): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...map.entries].map(([key, value]) => [key, plain(value)]));

/** The files one by one as the filters leave them, before they are read. */
export function filterConfiguration({ files, environment, tables }: LoadOptions): {
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly problems: readonly Problem[];
} {
  const { filter, problems } = fileFilter(environment, tables, (path) => readFileSync(path, 'utf8'));
  const filtered = filesOf(configurationPaths(files, environment, tables), tables.overlay).files.map((file) => ({
    file,
    ...readFiltered(file, filter),
  }));
  return { files: filtered.map(({ file, text }) => ({ file, text })), problems: [...problems, ...filtered.flatMap((each) => each.problems)] };
}

/** Found when they are first asked for: places are for problems, of which there mostly are none. */
function placesOf(map: LocatedMap): Sources {
  let places: Sources | undefined;
  const found = (): Sources => (places ??= sourcesOf(map));
  return { get: (path) => found().get(path), has: (path) => found().has(path) };
}

/** SHA-256 (hex) over a tree, whatever the order of its keys. */
export function hashOf(tree: unknown): string {
  const canonical = JSON.stringify(tree, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('hex');
}
