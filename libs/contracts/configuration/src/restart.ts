import { liveSections } from './keys.js';
import type { ConfigurationTree } from './section.js';

/** The paths that differ and take effect only after a restart: all but those of the live sections, which are not looked at. */
export function changesNeedingRestart(before: ConfigurationTree, after: ConfigurationTree): readonly string[] {
  return differences(withoutLiveSections(before), withoutLiveSections(after), '');
}

/** What a restart is needed for, and all that `changesNeedingRestart` compares. */
export function withoutLiveSections(tree: ConfigurationTree): ConfigurationTree {
  const live: readonly string[] = liveSections;
  return Object.fromEntries(Object.entries(tree).filter(([key]) => !live.includes(key)));
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (!isSection(before) || !isSection(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
