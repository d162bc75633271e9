import { liveSections } from './keys.js';
import { type ConfigurationTree } from './section.js';

/** The paths that differ and take effect only after a restart: all but those of the live sections. */
export function changesNeedingRestart(before: ConfigurationTree, after: ConfigurationTree): readonly string[] {
  const live: readonly string[] = liveSections;
  return differences(before, after, '').filter((path) => !live.includes(path.split('.')[0] ?? ''));
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (!isSection(before) || !isSection(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
