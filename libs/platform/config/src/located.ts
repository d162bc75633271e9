import type { Source } from './problem.js';

/** A value that remembers where it was written, so that it can be merged, renamed and still be pointed at. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly type: 'scalar';
  readonly value: unknown;
  readonly source: Source;
}

export interface LocatedList {
  readonly type: 'list';
  readonly items: Located[];
  readonly source: Source;
}

export interface LocatedMap {
  readonly type: 'map';
  readonly entries: Map<string, Located>;
  readonly source: Source;
}

export const locatedMap = (source: Source): LocatedMap => ({ type: 'map', entries: new Map(), source });

/** Maps merge key by key; anything else, lists too, is replaced. */
export function mergeInto(base: LocatedMap, over: LocatedMap): void {
  for (const [key, value] of over.entries) {
    const present = base.entries.get(key);
    if (present?.type === 'map' && value.type === 'map') mergeInto(present, value);
    else base.entries.set(key, value);
  }
}

/** `session.cookies` is ['session', 'cookies']; a list is never stepped into. */
export function valueAt(map: LocatedMap, keys: readonly string[]): Located | undefined {
  let found: Located | undefined = map;
  for (const key of keys) found = found?.type === 'map' ? found.entries.get(key) : undefined;
  return found;
}

/** Sets a value, making the maps on the way; false when something else than a map is in the way. */
export function setAt(map: LocatedMap, keys: readonly string[], value: Located): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return false;
  if (rest.length === 0) {
    map.entries.set(key, value);
    return true;
  }
  const child = map.entries.get(key) ?? locatedMap(value.source);
  if (child.type !== 'map') return false;
  map.entries.set(key, child);
  return setAt(child, rest, value);
}

/** Takes a value out, and the maps that are empty without it. */
export function takeAt(map: LocatedMap, keys: readonly string[]): Located | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return undefined;
  const child = map.entries.get(key);
  if (rest.length === 0) {
    map.entries.delete(key);
    return child;
  }
  if (child?.type !== 'map') return undefined;
  const taken = takeAt(child, rest);
  if (taken !== undefined && child.entries.size === 0) map.entries.delete(key);
  return taken;
}

export function plain(node: Located): unknown {
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
  }
}

/** A value made by the program in the place of one that was written. */
export function locate(value: unknown, source: Source): Located {
  if (Array.isArray(value)) return { type: 'list', items: value.map((item) => locate(item, source)), source };
  if (typeof value !== 'object' || value === null) return { type: 'scalar', value, source };
  return { type: 'map', entries: new Map(Object.entries(value).map(([key, item]) => [key, locate(item, source)])), source };
}

/** Every value's place by its path: `access_control.rules[2].domain`. */
export function sourcesOf(node: Located, path = '', sources = new Map<string, Source>()): Map<string, Source> {
  if (path !== '') sources.set(path, node.source);
  if (node.type === 'list') node.items.forEach((item, index) => sourcesOf(item, `${path}[${index}]`, sources));
  if (node.type === 'map') for (const [key, value] of node.entries) sourcesOf(value, path === '' ? key : `${path}.${key}`, sources);
  return sources;
}
