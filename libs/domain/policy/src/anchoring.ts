/** Whether every way the pattern can match begins at the beginning of the text. */
export function isTiedToStart(pattern: string): boolean {
  return alternatives(withoutFlags(pattern)).every((one) => {
    if (/^(?:\^|\\A)/.test(one)) return true;
    const group = /^\((?:\?P?<\w+>|\?:)?/.exec(one);
    const end = group === null ? -1 : closing(one);
    return group !== null && end > 0 && !/^[?*{]/.test(one.slice(end + 1)) && isTiedToStart(one.slice(group[0].length, end));
  });
}

/** Whether every way the pattern can match ends with the text, or says openly (`.*`, a slash) that more may follow. */
export function isTiedToEnd(pattern: string): boolean {
  return alternatives(withoutFlags(pattern)).every((one) => {
    if (/(?:(?<!\\)\$|\\z|\.[*+]|\/)$/.test(one)) return true;
    const start = one.endsWith(')') ? opening(one) : -1;
    return start >= 0 && isTiedToEnd(one.slice(start + 1, -1).replace(/^(?:\?P?<\w+>|\?:)/, ''));
  });
}

function withoutFlags(pattern: string): string {
  return pattern.replace(/^\(\?[a-zA-Z-]+\)/, '');
}

/** The parts between the bars that belong to no group and no class. */
function alternatives(pattern: string): string[] {
  const parts: string[] = [''];
  for (const { text, depth } of tokens(pattern)) {
    if (text === '|' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + text);
  }
  return parts;
}

/** Where the group that the text starts with is closed, or -1. */
function closing(text: string): number {
  return [...tokens(text)].find((token) => token.text === ')' && token.depth === 0)?.at ?? -1;
}

/** Where the group that the text ends with was opened, or -1. */
function opening(text: string): number {
  return [...tokens(text)].findLast((token) => token.text === '(' && token.depth === 1)?.at ?? -1;
}

/** Characters and whole escapes and classes, with how many groups are open after each. */
function* tokens(pattern: string): Iterable<{ readonly text: string; readonly at: number; readonly depth: number }> {
  let depth = 0;
  for (const found of pattern.matchAll(/\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|[^]/g)) {
    const [text] = found;
    if (text === '(') depth++;
    if (text === ')') depth--;
    yield { text, at: found.index, depth };
  }
}

/**
 * The pattern of a path that was most likely meant by one that is found anywhere or goes on: from the beginning of the path, to its end or
 * a slash or the query. Null where it is not plain what was meant.
 */
export function anchorPath(pattern: string): string | null {
  const { flags, body } = partsOf(pattern);
  const isPath = alternatives(withoutFlags(pattern)).every((one) => /^\\?\//.test(one));
  const start = isTiedToStart(body) ? body : isPath ? `^${body}` : `^[^?]*${body}`;
  const anchored =
    isTiedToStart(body) || !start.endsWith('$') ? start : start.replace(/\$$/, start.startsWith('^[^?]*') ? '(\\?.*)?$' : '([/?].*)?$');
  return checked(`${flags}${isTiedToEnd(anchored) ? anchored : `${anchored}([/?].*)?$`}`);
}

/** The same for a host, whole. */
export function anchorHost(pattern: string): string | null {
  const { flags, body } = partsOf(pattern);
  const start = isTiedToHostStart(body) ? body : `^${body}`;
  return checked(`${flags}${isTiedToEnd(start) ? start : `${start}$`}`);
}

/** A dot in front is the beginning of what stands behind it: `\.example\.com$` is a wildcard. */
export function isTiedToHostStart(pattern: string): boolean {
  return isTiedToStart(pattern.replaceAll(/(^|\(|\||\?:)\\\./g, '$1^'));
}

/** Alternatives are held together, so that what is added belongs to each. */
function partsOf(pattern: string): { readonly flags: string; readonly body: string } {
  const flags = /^\(\?[a-zA-Z-]+\)/.exec(pattern)?.[0] ?? '';
  const body = pattern.slice(flags.length);
  return { flags, body: alternatives(body).length > 1 ? `(?:${body})` : body };
}

function checked(pattern: string): string | null {
  return isTiedToEnd(pattern) ? pattern : null;
}
