import { convert, EXAMPLES } from './convert.js';
import { locatedMap, type Located, type LocatedMap } from './located.js';
import type { Problem } from './problem.js';
import { closest } from './suggest.js';
import type { KeyKind } from './tables.js';

/** The key table as a tree: what may stand at one place. */
interface KeyNode {
  kind?: KeyKind;
  /** An entry of a list. */
  item?: KeyNode;
  /** A name of the operator's choice. */
  any?: KeyNode;
  readonly children: Map<string, KeyNode>;
}

interface Place {
  /** With indexes: `session.cookies[0].domin`. */
  readonly path: string;
  /** Without: `session.cookies[].domin`. */
  readonly pattern: string;
}

export class KnownKeys {
  private readonly root: KeyNode = { children: new Map() };

  /** @param formerNames paths that were renamed before: nothing more than suggestions here */
  constructor(
    private readonly keys: Readonly<Record<string, KeyKind>>,
    private readonly formerNames: readonly string[] = [],
  ) {
    for (const [path, kind] of Object.entries(keys)) this.add(path, kind);
  }

  /** Converts every known value to its kind and takes out, with a problem each, what is unknown or unreadable. */
  apply(map: LocatedMap): Problem[] {
    return this.applyMap(map, this.root, { path: '', pattern: '' });
  }

  private add(path: string, kind: KeyKind): void {
    let node = this.root;
    for (const part of path.replaceAll('[]', '.[]').split('.')) {
      if (part === '[]') node = node.item ??= { children: new Map() };
      else if (part === '*') node = node.any ??= { children: new Map() };
      else node = childOf(node, part);
    }
    node.kind = kind;
  }

  private applyMap(map: LocatedMap, keys: KeyNode, around: Place): Problem[] {
    return [...map.entries].flatMap(([name, value]) => {
      const place = below(around, name);
      const known = keys.children.get(name) ?? keys.any;
      if (known === undefined) {
        map.entries.delete(name);
        return [this.unknown(name, value, keys, place)];
      }
      const outcome = this.applyValue(value, known, place);
      if (outcome.value === undefined) map.entries.delete(name);
      else map.entries.set(name, outcome.value);
      return outcome.problems;
    });
  }

  private applyValue(value: Located, keys: KeyNode, place: Place): { readonly value?: Located; readonly problems: Problem[] } {
    if (keys.kind !== undefined) {
      const converted = convert(value, keys.kind);
      return converted.ok ? { value: converted.value, problems: [] } : { problems: [error(value, place, converted.error, EXAMPLES[keys.kind])] };
    }
    if (keys.item !== undefined) return this.applyList(value, keys.item, place);
    if (value.type === 'map') return { value, problems: this.applyMap(value, keys, place) };
    const names = [...keys.children.keys()].slice(0, 4).join(', ');
    return {
      problems: [
        error(value, place, `a section of keys is expected here (${names === '' ? 'name: value' : names})`, 'write its keys below it, further in'),
      ],
    };
  }

  /** An unreadable entry leaves an empty one, so that the others keep their numbers. */
  private applyList(value: Located, keys: KeyNode, place: Place): { readonly value?: Located; readonly problems: Problem[] } {
    if (value.type !== 'list') return { problems: [error(value, place, 'a list is expected here', 'begin each entry with `- `')] };
    const problems: Problem[] = [];
    const items = value.items.map((item, index) => {
      const outcome = this.applyValue(item, keys, { path: `${place.path}[${index}]`, pattern: `${place.pattern}[]` });
      problems.push(...outcome.problems);
      return outcome.value ?? locatedMap(item.source);
    });
    return { value: { ...value, items }, problems };
  }

  private unknown(name: string, value: Located, keys: KeyNode, place: Place): Problem {
    const message = `configuration key not expected: ${place.pattern}`;
    const known = [...keys.children.keys()];
    const sibling = closest(name, known) ?? closest(name, this.formerSiblings(place)) ?? known.find((each) => begins(each, name));
    if (sibling === undefined) return error(value, place, message, this.elsewhere(name));
    const renamed = (path: string): string => path.slice(0, path.length - name.length) + sibling;
    return { ...error(value, place, message, `did you mean ${renamed(place.pattern)}?`), meant: renamed(place.path) };
  }

  private formerSiblings({ pattern }: Place): readonly string[] {
    const around = pattern.slice(0, pattern.lastIndexOf('.') + 1);
    return this.formerNames.flatMap((path) =>
      path.startsWith(around) && !path.slice(around.length).includes('.') ? [path.slice(around.length)] : [],
    );
  }

  /** The sections that have exactly this key. */
  private elsewhere(name: string): string {
    const elsewhere = [...new Set(Object.keys(this.keys).flatMap((path) => endingIn(path, name)))];
    if (elsewhere.length > 0 && elsewhere.length <= 3) return `did you mean ${elsewhere.join(' or ')}?`;
    return `remove it, or correct its name or its indentation`;
  }
}

/** The start of a path up to a part of this name. */
function endingIn(path: string, name: string): string[] {
  const parts = path.split('.');
  const index = parts.findIndex((part) => part.replaceAll('[]', '') === name);
  return index === -1 ? [] : [parts.slice(0, index + 1).join('.')];
}

/** `host` for hostname: the first part of a longer name. */
const begins = (known: string, name: string): boolean => name.length >= 4 && known.startsWith(name);

function childOf(node: KeyNode, name: string): KeyNode {
  const child = node.children.get(name) ?? { children: new Map<string, KeyNode>() };
  node.children.set(name, child);
  return child;
}

const below = (around: Place, name: string): Place =>
  around.path === '' ? { path: name, pattern: name } : { path: `${around.path}.${name}`, pattern: `${around.pattern}.${name}` };

function error(value: Located, place: Place, message: string, fix?: string): Problem {
  return { severity: 'error', path: place.path, ...value.source, message, ...(fix === undefined ? {} : { fix }) };
}
