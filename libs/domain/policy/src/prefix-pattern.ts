/** What may follow the literal beginning: `line` is anything on one line; `below` nothing, `/…` or `?…`; `belowSlash` nothing or `/…`. */
export type Tail = 'open' | 'line' | 'exact' | 'belowSlash' | 'below';

export interface PrefixPattern {
  readonly prefix: string;
  readonly tail: Tail;
}

const tails = new Map<string, Tail>([
  ['', 'open'],
  ['.*', 'open'],
  ['$', 'exact'],
  ['.*$', 'line'],
  ['(/.*)?$', 'belowSlash'],
  ['([/?].*)?$', 'below'],
  ['([?/].*)?$', 'below'],
]);

const literal = /^\^((?:[\w/~%@:,=&!-]|\\[./_-])*)/;

/** Reads the shape that most `resources` have, a literal from the start and a usual tail; null for any other. */
export function parsePrefixPattern(pattern: string): PrefixPattern | null {
  const head = literal.exec(pattern);
  const tail = head === null ? undefined : tails.get(pattern.slice(head[0].length));
  return head?.[1] === undefined || tail === undefined ? null : { prefix: head[1].replaceAll('\\', ''), tail };
}

/** Answers as the RE2 pattern would, by plain comparison: the engine takes microseconds, which a verify does not have. */
export function matchesPrefixPattern({ prefix, tail }: PrefixPattern, text: string): boolean {
  if (!text.startsWith(prefix)) return false;
  if (tail === 'open' || text.length === prefix.length) return true;
  if (tail === 'exact' || text.includes('\n', prefix.length)) return false;
  const next = text[prefix.length];
  return tail === 'line' || next === '/' || (next === '?' && tail === 'below');
}
