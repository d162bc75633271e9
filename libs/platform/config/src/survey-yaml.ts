import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

export interface YamlSurvey {
  /** Where keys stand that their map has already, as offsets in the text. */
  readonly duplicateKeys: readonly number[];
  /** What each alias stands for: the last node before it with its anchor. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Aliases without an anchor: texts that begin with `*`, mostly. */
  readonly lostAliases: readonly Alias[];
  /** Values that are nothing because of a `#` in front of them, with the offset of their key. */
  readonly commentedValues: readonly CommentedValue[];
}

export interface CommentedValue {
  readonly key: string;
  readonly at: number;
  /** What stands behind the `#`. */
  readonly text: string;
}

/** Looks through a document once. The parser's own ways compare each key with each, and search the whole document for each alias. */
export function surveyYaml(contents: unknown, text: string): YamlSurvey {
  const duplicateKeys: number[] = [];
  const targets = new Map<Alias, Node>();
  const lostAliases: Alias[] = [];
  const commentedValues: CommentedValue[] = [];
  const anchors = new Map<string, Node>();
  const look = (node: unknown): void => {
    if (isPair(node)) {
      look(node.key);
      look(node.value);
      commentedValues.push(...commented(node, text));
    } else if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) lostAliases.push(node);
      else targets.set(node, target);
    } else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) duplicateKeys.push(...duplicatesIn(node.items.map(({ key }) => key)));
      if (!isScalar(node)) for (const item of node.items) look(item);
    }
  };
  look(contents);
  return { duplicateKeys, targets, lostAliases, commentedValues };
}

/** `color: #335577`: somebody wrote a value, and YAML reads a comment. One that a space begins, or on a line of its own, is meant as one. */
function commented({ key, value }: Pair, text: string): CommentedValue[] {
  if (!isScalar(key) || !isScalar(value) || value.value !== null || key.range == null) return [];
  const behind = /^[ \t]*:[ \t]+#([\w.-].*)/u.exec(text.slice(key.range[1], key.range[1] + MOST_LOOKED_AT))?.[1];
  return behind === undefined ? [] : [{ key: String(key.value), at: key.range[0], text: behind.trim() }];
}

const MOST_LOOKED_AT = 200;

/** A key that is no scalar, and `.nan`, equals nothing. */
function duplicatesIn(keys: readonly unknown[]): number[] {
  const seen = new Set<unknown>();
  return keys.flatMap((key) => {
    if (!isScalar(key) || Number.isNaN(key.value)) return [];
    if (seen.has(key.value)) return [key.range?.[0] ?? 0];
    seen.add(key.value);
    return [];
  });
}
