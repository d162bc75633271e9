import { parseConfiguration, type ConfigurationTree, type Section } from './section.js';

/** What one section makes of a tree: its value (null after an error), and `severity path: message` of each problem. */
export function readSection<T>(section: Section<T>, tree: ConfigurationTree): { readonly value: T | null; readonly problems: readonly string[] } {
  const parsed = parseConfiguration(tree, { section }, { directory: '/config', makeSecret: () => 'fresh-secret' });
  const problems = parsed.problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  return { value: parsed.ok ? parsed.value.section : null, problems };
}

/** An address as the loader takes it apart. */
export const address = (parts: Readonly<Record<string, unknown>>) => ({
  scheme: null,
  host: '',
  port: null,
  path: '',
  socketPath: null,
  umask: null,
  ...parts,
});
