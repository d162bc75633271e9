import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileFilter } from './filters.js';
import { locatedMap, mergeInto, type LocatedMap } from './located.js';
import type { Problem } from './problem.js';
import { readLocatedYaml } from './read-yaml.js';
import type { ConfigurationTables } from './tables.js';

export interface ReadFiles {
  readonly map: LocatedMap;
  readonly problems: readonly Problem[];
  readonly directory: string;
  readonly watched: readonly string[];
}

/** The paths that flags, else variables, else the default name; several are joined by commas. */
export function configurationPaths(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  tables: ConfigurationTables,
): string[] {
  const variable = tables.fileVariables.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const given = flags.length > 0 ? flags : [variable ?? tables.defaultFile];
  return given.flatMap((value) => value.split(',')).flatMap((path) => (path.trim() === '' ? [] : [path.trim()]));
}

/** Reads and merges the files in their order; a directory counts as its YAML files by name, the overlay comes last. */
export function readFiles(paths: readonly string[], overlayName: string, filter: FileFilter): ReadFiles {
  const first = paths[0] ?? '.';
  const { files, directory, overlay } = filesOf(paths, overlayName);
  const map = locatedMap({ file: first });
  const problems: Problem[] = [];
  for (const file of files) {
    const read = readLocatedYaml(file, filter);
    problems.push(...read.problems);
    mergeInto(map, read.map);
  }
  if (files.length === 0) problems.push({ severity: 'error', path: '', file: first, message: 'there is no .yml or .yaml file in this directory' });
  return { map, problems, directory, watched: [...new Set([...paths, overlay])] };
}

/** The files themselves, in their order. */
export function filesOf(
  paths: readonly string[],
  overlayName: string,
): { readonly files: readonly string[]; readonly directory: string; readonly overlay: string } {
  const first = paths[0] ?? '.';
  const directory = isDirectory(first) ? first : dirname(first);
  const overlay = join(directory, overlayName);
  const files = paths.flatMap((path) => (isDirectory(path) ? yamlFilesOf(path) : [path])).filter((file) => join(file) !== overlay);
  return { files: isFile(overlay) ? [...files, overlay] : files, directory, overlay };
}

function yamlFilesOf(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => /\.ya?ml$/u.test(name));
  return names.sort().flatMap((name) => (isFile(join(directory, name)) ? [join(directory, name)] : []));
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
