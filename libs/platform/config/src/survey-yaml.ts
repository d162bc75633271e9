import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';

export interface YamlSurvey {
  /** Where keys stand that their map has already, as offsets in the text. */
  readonly duplicateKeys: readonly number[];
  /** What each alias stands for: the last node before it with its anchor. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Looks through a document once. The parser's own ways compare each key with each, and search the whole document for each alias. */
export function surveyYaml(contents: unknown): YamlSurvey {
  const duplicateKeys: number[] = [];
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const look = (node: unknown): void => {
    if (isPair(node)) {
      look(node.key);
      look(node.value);
    } else if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    } else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) duplicateKeys.push(...duplicatesIn(node.items.map(({ key }) => key)));
      if (!isScalar(node)) for (const item of node.items) look(item);
    }
  };
  look(contents);
  return { duplicateKeys, targets };
}

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
