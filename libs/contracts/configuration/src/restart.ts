import { liveSections } from './keys.js';
import type { ConfigurationTree } from './section.js';

/** The paths that differ and take effect only after a restart: all but those of the live sections, which are not looked at. */
export function changesNeedingRestart(before: ConfigurationTree, after: ConfigurationTree): readonly string[] {
  return changedPaths(withoutLiveSections(before), withoutLiveSections(after));
}

/** What a restart is needed for, and all that `changesNeedingRestart` compares. */
export function withoutLiveSections(tree: ConfigurationTree): ConfigurationTree {
  const live: readonly string[] = liveSections;
  return Object.fromEntries(Object.entries(tree).filter(([key]) => !live.includes(key)));
}

const OWN_SERVER_KEYS: ReadonlySet<string> = new Set(['address', 'share_port', 'drain_delay']);

/** What instances of one service must have in common: all but where each of them listens. */
export function withoutOwnPlace({ server, telemetry, ...rest }: ConfigurationTree): ConfigurationTree {
  const ofServer = Object.entries(isSection(server) ? server : {}).filter(([key]) => !OWN_SERVER_KEYS.has(key));
  const { metrics, ...ofTelemetry } = isSection(telemetry) ? telemetry : {};
  const ofMetrics = Object.entries(isSection(metrics) ? metrics : {}).filter(([key]) => !key.endsWith('address'));
  return { ...rest, server: Object.fromEntries(ofServer), telemetry: { ...ofTelemetry, metrics: Object.fromEntries(ofMetrics) } };
}

/** The paths that differ; a list is one path. */
export const changedPaths = (before: ConfigurationTree, after: ConfigurationTree): readonly string[] => differences(before, after, '');

function differences(before: unknown, after: unknown, path: string): string[] {
  if (!isSection(before) || !isSection(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
