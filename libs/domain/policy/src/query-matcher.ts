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

/**
 * Reads a raw query as Go's net/url does: the first value of a key counts, `+` is a blank, and a pair that holds a
 * semicolon or a malformed escape does not exist.
 */
export function parseQuery(query: string): QueryArguments {
  const args = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equalSign = pair.indexOf('=');
    const key = decodeFormValue(equalSign < 0 ? pair : pair.slice(0, equalSign));
    const value = equalSign < 0 ? '' : decodeFormValue(pair.slice(equalSign + 1));
    if (key !== null && value !== null && !args.has(key)) args.set(key, value);
  }
  return args;
}

function decodeFormValue(text: string): string | null {
  return isWellEscaped(text) ? decodeLeniently(escapeBytes(text.replaceAll('+', ' '))) : null;
}
