import { compilePattern } from './pattern.js';

/** Stands for the name of the person, or of a group, in a text made from a pattern or a domain. */
export const USER = '{user}';
export const GROUP = '{group}';
/** Stands for any text, where nothing depends on which. */
export const ANY = '<any>';

/** Enough for the ways through a pattern that differ in what they open; a pattern of many bars is not followed to its end. */
const mostTexts = 16;

/**
 * Texts that an RE2 pattern matches, one for each way through it as far as `mostTexts` go. What the groups `User` and `Group` would
 * hold is left as `{user}` and `{group}`. Empty where none was found.
 */
export function sampleTexts(source: string): readonly string[] {
  const { test } = compilePattern(source);
  const texts = new Sampler(source).texts();
  return [...new Set(texts)].filter((text) => test(text.replaceAll(USER, 'user').replaceAll(GROUP, 'group')));
}

/** Reads a pattern that is known to compile, from left to right. */
class Sampler {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  texts(): readonly string[] {
    return this.#alternatives();
  }

  #alternatives(): readonly string[] {
    const found = [...this.#sequence()];
    while (this.#take('|')) found.push(...this.#sequence());
    return found.slice(0, mostTexts);
  }

  #sequence(): readonly string[] {
    let texts: readonly string[] = [''];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#next())) {
      const parts = this.#repeated();
      texts = texts.flatMap((text) => parts.map((part) => text + part)).slice(0, mostTexts);
    }
    return texts;
  }

  #repeated(): readonly string[] {
    const isDot = this.#next() === '.';
    const atom = this.#atom();
    const quantifier = this.#match(/([?*+]|\{\d+(?:,\d*)?\})\??/y)?.[1];
    if (quantifier === undefined) return atom;
    const least = quantifier === '+' ? 1 : Number(/\d+/.exec(quantifier)?.[0] ?? 0);
    const often = isDot && /[*+]/.test(quantifier) ? [ANY] : atom.map((text) => text.repeat(Math.max(1, least)));
    return least === 0 ? ['', ...often] : often;
  }

  #atom(): readonly string[] {
    if (this.#take('(')) return this.#group();
    const escaped = this.#match(
      /\\(?:Q(?<quoted>[^]*?)(?:\\E|$)|x\{(?<code>[0-9A-Fa-f]+)\}|x(?<byte>[0-9A-Fa-f]{2})|[pP](?:\{[^}]*\}|.)|(?<letter>[^]))/y,
    );
    if (escaped !== null) return [readEscape(escaped.groups ?? {})];
    const set = this.#match(/\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]/y);
    if (set !== null) return membersOf(set[0]);
    const character = this.#next();
    this.#at += 1;
    return [character === '^' || character === '$' ? '' : character === '.' ? 'x' : character];
  }

  /** Behind its bracket: flags alone stand for nothing, named groups for who asks. */
  #group(): readonly string[] {
    if (this.#match(/\?[a-zA-Z-]+\)/y) !== null) return [''];
    const name = this.#match(/\?(?:P?<(?<name>\w+)>|[a-zA-Z-]*:)/y)?.groups?.['name'];
    const inner = this.#alternatives();
    this.#take(')');
    return name === 'User' ? [USER] : name === 'Group' ? [GROUP] : inner;
  }

  #next(): string {
    return this.#source.charAt(this.#at);
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#source);
    if (found !== null) this.#at = sticky.lastIndex;
    return found;
  }
}

const escapes: Readonly<Record<string, string>> = {
  d: '1',
  D: 'x',
  w: 'a',
  W: '-',
  s: ' ',
  S: 'x',
  b: '',
  B: '',
  A: '',
  z: '',
  t: '\t',
  n: '\n',
  r: '\r',
};

function readEscape({ quoted, code, byte, letter }: Readonly<Record<string, string | undefined>>): string {
  if (quoted !== undefined) return quoted;
  const point = code ?? byte;
  if (point !== undefined) return String.fromCodePoint(Number.parseInt(point, 16));
  // A class of Unicode by its name, mostly of letters.
  return letter === undefined ? 'a' : (escapes[letter] ?? letter);
}

/** A character of a class, or each where it names up to three. */
function membersOf(set: string): readonly string[] {
  const isMember = RegExp.prototype.test.bind(asRegExp(set));
  const named = set.startsWith('[^')
    ? ''
    : set
        .slice(1, -1)
        .replaceAll(/\\\w|\[:\w+:\]/g, '')
        .replaceAll('\\', '');
  const isSmall = named !== '' && named.length <= 3 && !/\\\w|\[:|.-./.test(set.slice(1, -1));
  const candidates = isSmall ? named : `ax1/-_?.=${named}`;
  return [...new Set(candidates)].filter((character) => isMember(character)).slice(0, isSmall ? named.length : 1);
}

/** The few forms of RE2 that JavaScript writes in another way; a class that cannot be read has no member we know. */
function asRegExp(set: string): RegExp {
  const named: Readonly<Record<string, string>> = {
    alnum: 'a-zA-Z0-9',
    alpha: 'a-zA-Z',
    digit: '0-9',
    lower: 'a-z',
    upper: 'A-Z',
    word: '\\w',
    xdigit: '0-9a-f',
    space: '\\s',
  };
  try {
    return new RegExp(`^${set.replaceAll(/\[:(\w+):\]/g, (_, name: string) => named[name] ?? '')}$`);
  } catch {
    return /^\b$/;
  }
}
