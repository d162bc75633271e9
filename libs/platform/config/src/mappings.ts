import { locate, plain, setAt, takeAt, valueAt, type Located, type LocatedMap } from './located.js';
import type { Problem } from './problem.js';
import type { Mapping } from './tables.js';

/** A map and the path it stands at. */
interface Place {
  readonly map: LocatedMap;
  readonly path: string;
}

type Kind<K extends Mapping['kind']> = Extract<Mapping, { readonly kind: K }>;

/** Brings every old name to its new one, in the order of the table, and says so. */
export function applyMappings(root: LocatedMap, mappings: readonly Mapping[]): Problem[] {
  return mappings.flatMap((mapping) => {
    switch (mapping.kind) {
      case 'rename':
        return placesOf(root, mapping.from).flatMap((place) => rename(place, mapping));
      case 'combine':
        return combine({ map: root, path: '' }, mapping);
      case 'drop':
        return placesOf(root, mapping.from).flatMap((place) => remove(place, mapping, 'warning'));
      case 'refuse':
        return placesOf(root, mapping.from).flatMap((place) => remove(place, mapping, 'error'));
    }
  });
}

function rename(place: Place, { from, to, note, conflict, convert }: Kind<'rename'>): Problem[] {
  const old = takeAt(place.map, keysBelow(from));
  if (old === undefined) return [];
  const path = joined(place.path, from);
  const target = joined(place.path, to);
  if (valueAt(place.map, keysBelow(to)) !== undefined) {
    return [
      { severity: conflict ?? 'warning', path, ...old.source, message: `${path} has not been used: ${target} is set too`, fix: `remove ${path}` },
    ];
  }
  const converted = convert === undefined ? { value: plain(old) } : convert(plain(old));
  if ('error' in converted) return [{ severity: 'error', path, ...old.source, message: converted.error }];
  const value = convert === undefined ? old : locate(converted.value, old.source);
  if (!setAt(place.map, keysBelow(to), value)) return [inTheWay(path, target, old)];
  return note === undefined
    ? []
    : [{ severity: 'warning', path, ...old.source, message: `${path} is read as ${target}: ${note}`, fix: `write ${target} instead` }];
}

function combine(place: Place, { from, to, note, combine: build }: Kind<'combine'>): Problem[] {
  const found = from.flatMap((name) => {
    const value = takeAt(place.map, name.split('.'));
    return value === undefined ? [] : [{ name, value }];
  });
  const first = found[0];
  if (first === undefined) return [];
  const names = found.map(({ name }) => name).join(', ');
  const source = first.value.source;
  if (valueAt(place.map, to.split('.')) !== undefined) {
    return [
      { severity: 'error', path: first.name, ...source, message: `${names} cannot stand beside ${to}, which says the same`, fix: `keep only ${to}` },
    ];
  }
  const built = build(Object.fromEntries(found.map(({ name, value }) => [name, plain(value)])));
  if (!setAt(place.map, to.split('.'), locate(built, source))) return [inTheWay(first.name, to, first.value)];
  const written = typeof built === 'string' ? ` '${built}'` : '';
  return [
    {
      severity: 'warning',
      path: first.name,
      ...source,
      message: `${names} ${found.length === 1 ? 'is' : 'are'} read as ${to}${written}: ${note}`,
      fix: `write ${to}:${written} instead`,
    },
  ];
}

function remove(place: Place, mapping: Kind<'drop'> | Kind<'refuse'>, severity: 'error' | 'warning'): Problem[] {
  const old = takeAt(place.map, keysBelow(mapping.from));
  if (old === undefined) return [];
  const path = joined(place.path, mapping.from);
  const fix = mapping.kind === 'refuse' ? mapping.fix : `remove ${path}`;
  return [{ severity, path, ...old.source, message: `${path}: ${mapping.note}`, ...(fix === undefined ? {} : { fix }) }];
}

function inTheWay(path: string, target: string, old: Located): Problem {
  return { severity: 'error', path, ...old.source, message: `${path} is read as ${target}, but a plain value stands where its section would be` };
}

/** The maps in which the last part of a path is looked up: the root, or every entry of the list before the last `[]`. */
function placesOf(root: LocatedMap, path: string): Place[] {
  const lists = path.split('[].').slice(0, -1);
  let places: Place[] = [{ map: root, path: '' }];
  for (const list of lists) places = places.flatMap((place) => entriesOf(place, list));
  return places;
}

function entriesOf(place: Place, list: string): Place[] {
  const found = valueAt(place.map, list.split('.'));
  if (found?.type !== 'list') return [];
  const path = place.path === '' ? list : `${place.path}.${list}`;
  return found.items.flatMap((item, index) => (item.type === 'map' ? [{ map: item, path: `${path}[${index}]` }] : []));
}

const keysBelow = (path: string): string[] => (path.split('[].').at(-1) ?? path).split('.');
const joined = (prefix: string, path: string): string => (prefix === '' ? path : `${prefix}.${keysBelow(path).join('.')}`);
