import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  type ToStringOptions,
  visit,
  YAMLMap,
} from 'yaml';
import type { Mapping } from './tables.js';

/** One old name and what has become of it. */
export interface Rewriting {
  /** With indexes, as it is written: `access_control.rules[0].path`. */
  readonly path: string;
  /** Of the file as it was, from 1. */
  readonly line: number;
  readonly message: string;
}

export type Rewritten =
  | {
      readonly ok: true;
      /** The file as it is, laid out as `after` is: what differs between the two is the rewriting alone. */
      readonly before: string;
      readonly after: string;
      readonly changes: readonly Rewriting[];
      /** What a person must decide. */
      readonly left: readonly Rewriting[];
    }
  | { readonly ok: false; readonly line: number; readonly message: string };

/**
 * Writes old names as the mappings have them, in their order; comments, order and quotes stay. What is written behind an alias is
 * left, and so is an old name beside its new one: nothing is thrown away but what has no effect.
 */
export function rewriteYaml(text: string, mappings: readonly Mapping[]): Rewritten {
  const lines = new LineCounter();
  // Failsafe: every value is the text that was written, and is written again as that.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, line: lines.linePos(error.pos[0]).line, message: `not YAML: ${error.message}` };
  const options = layoutOf(text);
  const before = document.toString(options);
  const rewriter = new Rewriter(document, lines);
  if (isMap(document.contents)) for (const mapping of mappings) rewriter.apply(mapping, document.contents);
  return { ok: true, before, after: document.toString(options), changes: rewriter.changes, left: rewriter.left };
}

/** As much of the layout as the printer can be told; the rest is for whoever compares `before` with the text. */
function layoutOf(text: string): ToStringOptions {
  const indent = /^( +)\S/mu.exec(text)?.[1]?.length ?? 2;
  return {
    lineWidth: 0,
    indent: Math.max(2, indent),
    indentSeq: !/^( *)[^\s#-][^\n]*:\s*\n\1- /mu.test(text),
    flowCollectionPadding: !/[{[][^\s{[\]}]/u.test(text),
  };
}

interface Place {
  readonly map: YAMLMap;
  readonly path: string;
}
interface Found {
  readonly pair: Pair;
  readonly parent: YAMLMap;
  readonly path: string;
}
type Kind<K extends Mapping['kind']> = Extract<Mapping, { readonly kind: K }>;

class Rewriter {
  readonly changes: Rewriting[] = [];
  readonly left: Rewriting[] = [];

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  apply(mapping: Mapping, root: YAMLMap): void {
    if (mapping.kind === 'combine') this.combine(mapping, { map: root, path: '' });
    else for (const place of placesOf(root, mapping.from)) this.applyAt(mapping, place);
  }

  private applyAt(mapping: Exclude<Mapping, Kind<'combine'>>, place: Place): void {
    const found = find(place, keysBelow(mapping.from));
    if (found === undefined) return;
    switch (mapping.kind) {
      case 'rename':
        this.rename(mapping, place, found);
        return;
      case 'drop':
        this.note(this.changes, found, `taken out: ${mapping.note}`);
        this.remove(place, found);
        return;
      case 'refuse':
        this.note(this.left, found, `${mapping.note}${mapping.fix === undefined ? '' : `: ${mapping.fix}`}`);
    }
  }

  private rename({ to, convert }: Kind<'rename'>, place: Place, found: Found): void {
    const keys = keysBelow(to);
    const target = joined(place.path, keys);
    if (find(place, keys) !== undefined) {
      this.note(this.left, found, `${target} is set too and counts: remove this one`);
      return;
    }
    const converted = convert === undefined ? undefined : convert(plainOf(found.pair));
    if (converted !== undefined && 'error' in converted) {
      this.note(this.left, found, converted.error);
      return;
    }
    if (!canHold(place.map, keys)) {
      this.note(this.left, found, `a plain value stands where the section of ${target} would be: correct that first`);
      return;
    }
    this.note(this.changes, found, `is ${target} today`);
    if (converted !== undefined) replaceValue(found.pair, this.document, converted.value);
    this.move(place, found, keys);
  }

  private combine({ from, to, combine }: Kind<'combine'>, root: Place): void {
    const found = from.flatMap((path) => find(root, path.split('.')) ?? []);
    const [first, ...others] = found;
    if (first === undefined) return;
    const keys = to.split('.');
    if (find(root, keys) !== undefined || !canHold(root.map, keys)) {
      for (const each of found) this.note(this.left, each, `${to} is set too: keep one of them`);
      return;
    }
    const value = combine(Object.fromEntries(found.map(({ path, pair }) => [path, plainOf(pair)])));
    for (const each of found) this.note(this.changes, each, `is part of ${to} today`);
    replaceValue(first.pair, this.document, value);
    for (const other of others) {
      addCommentBefore(first.pair, commentsOf(other.pair));
      this.remove(root, other);
    }
    this.move(root, first, keys);
  }

  private note(list: Rewriting[], { path, pair }: Found, message: string): void {
    const range = isScalar(pair.key) ? pair.key.range : undefined;
    list.push({ path, line: range == null ? 1 : this.lines.linePos(range[0]).line, message });
  }

  /** In its own map the name alone changes; elsewhere the pair goes to the end of the section, or makes it where it stood. */
  private move(place: Place, found: Found, keys: readonly string[]): void {
    const last = keys.at(-1) ?? '';
    const section = mapAt(place.map, keys.slice(0, -1));
    rename(found.pair, last);
    if (section === found.parent) return;
    // Put in before it is taken out: a section that is empty for a moment would go.
    if (section === undefined) this.makeSections(place, found, keys);
    else {
      if (isScalar(found.pair.key)) found.pair.key.spaceBefore = false;
      section.items.push(found.pair);
      this.remove(place, found);
    }
  }

  private makeSections(place: Place, found: Found, keys: readonly string[]): void {
    const depth = keys.findIndex((_, index) => mapAt(place.map, keys.slice(0, index + 1)) === undefined);
    const holder = mapAt(place.map, keys.slice(0, depth)) ?? place.map;
    const empty = holder.items.find((pair) => keyOf(pair) === keys[depth]);
    if (empty === undefined && holder === found.parent) {
      const at = holder.items.indexOf(found.pair);
      holder.items[at] = this.sectionsFor(found.pair, keys.slice(depth, -1));
      return;
    }
    const made = this.sectionsFor(found.pair, keys.slice(depth, -1));
    if (empty === undefined) holder.items.push(made);
    else empty.value = made.value;
    this.remove(place, found);
  }

  /** `{identity_validation: {reset_password: {jwt_secret: …}}}`, what is said before the pair said before the section. */
  private sectionsFor(pair: Pair, sections: readonly string[]): Pair {
    const outer = sections.reduceRight<Pair>((inner, name) => {
      const map = new YAMLMap(this.document.schema);
      map.items.push(inner);
      return new Pair(new Scalar(name), map);
    }, pair);
    if (outer !== pair && isScalar(pair.key) && isScalar(outer.key)) {
      if (pair.key.commentBefore != null) outer.key.commentBefore = pair.key.commentBefore;
      if (pair.key.spaceBefore === true) outer.key.spaceBefore = true;
      pair.key.commentBefore = null;
      pair.key.spaceBefore = false;
    }
    return outer;
  }

  /** Takes a pair out, and the sections that are empty without it; what is said of those stays with the pair. */
  private remove(place: Place, { pair, parent }: Found): void {
    parent.items.splice(parent.items.indexOf(pair), 1);
    if (parent.items.length > 0 || parent === place.map) return;
    const around = findHolder(place.map, parent);
    if (around === undefined) return;
    addCommentBefore(pair, commentsOf(around.pair));
    this.remove(place, { ...around, path: '' });
  }
}

const keysBelow = (path: string): string[] => (path.split('[].').at(-1) ?? path).split('.');
const joined = (prefix: string, keys: readonly string[]): string => [...(prefix === '' ? [] : [prefix]), ...keys].join('.');
const keyOf = (pair: Pair | undefined): unknown => (isScalar(pair?.key) ? pair.key.value : undefined);

/** The maps in which the last part of a path is looked up: the root, or every entry of the list before the last `[]`. */
function placesOf(root: YAMLMap, path: string): Place[] {
  const lists = path.split('[].').slice(0, -1);
  let places: Place[] = [{ map: root, path: '' }];
  for (const list of lists) places = places.flatMap((place) => entriesOf(place, list.split('.')));
  return places;
}

function entriesOf(place: Place, keys: readonly string[]): Place[] {
  const list = find(place, keys)?.pair.value;
  if (!isSeq(list)) return [];
  return list.items.flatMap((item, index) => (isMap(item) ? [{ map: item, path: `${joined(place.path, keys)}[${index}]` }] : []));
}

function find(place: Place, keys: readonly string[]): Found | undefined {
  const parent = mapAt(place.map, keys.slice(0, -1));
  const pair = parent?.items.find((each) => keyOf(each) === keys.at(-1));
  return parent === undefined || pair === undefined || isNothing(pair) ? undefined : { pair, parent, path: joined(place.path, keys) };
}

/** `rules:` with nothing behind it is a key that is not there. */
const isNothing = (pair: Pair): boolean => pair.value === null || (isScalar(pair.value) && pair.value.value === '' && pair.value.type === 'PLAIN');

function mapAt(root: YAMLMap, keys: readonly string[]): YAMLMap | undefined {
  let map: unknown = root;
  for (const key of keys) map = isMap(map) ? map.items.find((pair) => keyOf(pair) === key)?.value : undefined;
  return isMap(map) ? map : undefined;
}

/** Whether nothing but maps and empty keys stands on the way to a key. */
function canHold(root: YAMLMap, keys: readonly string[]): boolean {
  return keys.slice(0, -1).every((_, index) => {
    const parent = mapAt(root, keys.slice(0, index));
    const pair = parent?.items.find((each) => keyOf(each) === keys[index]);
    return pair === undefined || isMap(pair.value) || isNothing(pair);
  });
}

function findHolder(map: YAMLMap, held: YAMLMap): { readonly pair: Pair; readonly parent: YAMLMap } | undefined {
  for (const pair of map.items) {
    if (pair.value === held) return { pair, parent: map };
    const deeper = isMap(pair.value) ? findHolder(pair.value, held) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function rename(pair: Pair, name: string): void {
  if (isScalar(pair.key)) pair.key.value = name;
}

function plainOf(pair: Pair): unknown {
  const json = (node: unknown): unknown => (isMap(node) || isSeq(node) || isScalar(node) ? node.toJSON() : undefined);
  return json(pair.value);
}

function replaceValue(pair: Pair, document: Document, value: unknown): void {
  const made = document.createNode(value);
  visit(made, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && !/^[\w./:@-]+$/u.test(scalar.value)) scalar.type = 'QUOTE_SINGLE';
      if (typeof scalar.value !== 'string') scalar.value = String(scalar.value);
    },
  });
  const comment = isNode(pair.value) ? pair.value.comment : null;
  if (comment != null && isScalar(made)) made.comment = comment;
  else if (comment != null) addCommentBefore(pair, [comment]);
  pair.value = made;
}

const isNode = (value: unknown): value is Node => isScalar(value) || isMap(value) || isSeq(value);

function commentsOf({ key, value }: Pair): string[] {
  const all = [isNode(key) ? key.commentBefore : null, isNode(value) ? value.commentBefore : null, isNode(value) ? value.comment : null];
  return all.flatMap((comment) => (comment == null || comment === '' ? [] : [comment]));
}

function addCommentBefore(pair: Pair, comments: readonly string[]): void {
  if (comments.length === 0 || !isScalar(pair.key)) return;
  pair.key.commentBefore = [...(pair.key.commentBefore == null ? [] : [pair.key.commentBefore]), ...comments].join('\n');
}
