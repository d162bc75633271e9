import { decodeLeniently, escapeBytes, isWellEscaped } from './percent.js';
import { compilePattern } from './pattern.js';
import type { QueryCondition } from './types.js';

/** The first value of each key. */
export type QueryArguments = ReadonlyMap<string, string>;
export type QueryTest = (args: QueryArguments) => boolean;

/** @throws Error with a reason for a pattern that is not RE2 or a value that is missing */
export function compileCondition({ key, operator, value }: QueryCondition): QueryTest {
  switch (operator) {
    case 'present':
      return (args) => args.has(key);
    case 'absent':
      return (args) => !args.has(key);
    case 'equal':
      return equals(key, requireValue(key, value));
    case 'not equal':
      return not(equals(key, requireValue(key, value)));
    case 'pattern':
      return matches(key, requireValue(key, value));
    case 'not pattern':
      return not(matches(key, requireValue(key, value)));
  }
}

/** A missing key counts as an empty value, as in Authelia. */
function equals(key: string, value: string): QueryTest {
  return (args) => (args.get(key) ?? '') === value;
}

function matches(key: string, source: string): QueryTest {
  const { test } = compilePattern(source);
  return (args) => test(args.get(key) ?? '');
}

function not(test: QueryTest): QueryTest {
  return (args) => !test(args);
}

function requireValue(key: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`the condition on '${key}' needs a value`);
  return value;
}

const none: readonly QueryArguments[] = [];

/** What two readers take in two ways: a semicolon, and a percent sign that begins no escape. */
const equivocal = /;|%(?![0-9a-f]{2})/i;

/**
 * Reads a raw query as Go's net/url does: the first value of a key counts, `+` is a blank, and a pair that holds a
 * semicolon or a malformed escape does not exist.
 */
export function parseQuery(query: string): QueryArguments {
  return readPairs(query.split('&'), decodeOrDrop);
}

/**
 * How the application behind may read a raw query instead: of a key that comes more than once the last value counts (PHP, Ruby), malformed escapes
 * stay as they are, and a semicolon belongs to the value or parts two pairs. Empty where everybody reads it as `parseQuery` does.
 */
export function otherReadings(query: string): readonly QueryArguments[] {
  if (!query.includes('&') && !equivocal.test(query)) return none;
  const pairs = query.split('&');
  const ofGo = lastValues(pairs, decodeOrDrop);
  if (!equivocal.test(query)) return ofGo;
  const whole = [readPairs(pairs, decodeAnything), ...lastValues(pairs, decodeAnything)];
  if (!query.includes(';')) return [...ofGo, ...whole];
  const parted = query.split(/[&;]/);
  return [...ofGo, ...whole, readPairs(parted, decodeAnything), ...lastValues(parted, decodeAnything)];
}

/** The reading in which the last value of each key counts, where it is another than that of the first ones. */
function lastValues(pairs: readonly string[], decode: Decode): readonly QueryArguments[] {
  const first = readPairs(pairs, decode);
  const last = readPairs(pairs.toReversed(), decode);
  return [...first].every(([key, value]) => last.get(key) === value) ? none : [last];
}

type Decode = (text: string) => string | null;

function readPairs(pairs: readonly string[], decode: Decode): QueryArguments {
  const args = new Map<string, string>();
  for (const pair of pairs) {
    if (pair === '') continue;
    const equalSign = pair.indexOf('=');
    const key = decode(equalSign < 0 ? pair : pair.slice(0, equalSign));
    const value = equalSign < 0 ? '' : decode(pair.slice(equalSign + 1));
    if (key !== null && value !== null && !args.has(key)) args.set(key, value);
  }
  return args;
}

function decodeOrDrop(text: string): string | null {
  return text.includes(';') || !isWellEscaped(text) ? null : decodeAnything(text);
}

function decodeAnything(text: string): string {
  return decodeLeniently(escapeBytes(text.replaceAll('+', ' ')));
}
