import { compileTemplate, goFunctions, isTrue, print, TemplateError, type TemplateFunction, type Value } from '@portcullis/platform-template';
import { stringify } from 'yaml';
import type { Filter, FilterWorld } from './filters.js';

/** `template`: the file as a template of Go, with functions that read variables and files (reference 7.2). */
export const templateFilter: Filter = (text, world) => ({ pieces: compileTemplate(text, { functions: functionsOf(world) })(null), warnings: [] });

type Text = (...texts: readonly string[]) => Value;

/** A function of texts alone, whose number is fixed. */
const ofTexts =
  (name: string, run: Text): TemplateFunction =>
  (values) => {
    if (values.length !== run.length) throw new TemplateError(`${name} takes ${run.length} values, not ${values.length}`);
    return run(...values.map(print));
  };

function functionsOf(world: FilterWorld): ReadonlyMap<string, TemplateFunction> {
  const read = (path: string): string => {
    try {
      return world.readFile(path);
    } catch (cause) {
      throw new TemplateError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
  const texts: Readonly<Record<string, Text>> = {
    env: (name) => world.variable(name) ?? '',
    mustEnv: (name) => {
      const value = world.variable(name);
      if (value === undefined) throw new TemplateError(`the variable ${name} is not set`);
      return value;
    },
    fileContent: (path) => read(path),
    secret: (path) => read(path).replace(/[\r\n]+$/u, ''),
    ...textFunctions,
  };
  return new Map([...goFunctions, ...Object.entries(texts).map(([name, run]) => [name, ofTexts(name, run)] as const), ...valueFunctions]);
}

const textFunctions: Readonly<Record<string, Text>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  // As in the servers this comes from, every letter.
  title: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  trimAll: (characters, text) => trimStart(characters, trimEnd(characters, text)),
  trimPrefix: (prefix, text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  trimSuffix: (suffix, text) => (suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text),
  replace: (old, fresh, text) => text.replaceAll(old, () => fresh),
  contains: (part, text) => text.includes(part),
  hasPrefix: (prefix, text) => text.startsWith(prefix),
  hasSuffix: (suffix, text) => text.endsWith(suffix),
  b64enc: (text) => Buffer.from(text).toString('base64'),
  b64dec: (text) => {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) throw new TemplateError('b64dec: the text is not base64');
    return bytes.toString();
  },
  split: (separator, text) => Object.fromEntries(text.split(separator).map((part, index) => [`_${index}`, part])),
  splitList: (separator, text) => text.split(separator),
  indent: (count, text) => indented(count, text),
  nindent: (count, text) => `\n${indented(count, text)}`,
  mindent: (count, style, text) => (text.includes('\n') ? `${style}\n${indented(count, text)}` : text),
};

const trimStart = (characters: string, text: string): string => text.slice(countOf(characters, Array.from(text)));
const trimEnd = (characters: string, text: string): string => text.slice(0, text.length - countOf(characters, Array.from(text).reverse()));

/** How long the beginning is that is made of these characters alone. */
function countOf(characters: string, letters: readonly string[]): number {
  const outside = letters.findIndex((letter) => !characters.includes(letter));
  return letters.slice(0, outside === -1 ? letters.length : outside).join('').length;
}

function indented(count: string, text: string): string {
  const spaces = ' '.repeat(Number(count));
  return spaces + text.replaceAll('\n', `\n${spaces}`);
}

const each =
  (run: (text: string) => string): TemplateFunction =>
  (values) =>
    values
      .filter((value) => value !== null)
      .map((value) => run(print(value)))
      .join(' ');
const unlessLong =
  (quote: string) =>
  (text: string): string =>
    text.includes('\n') ? text : `${quote}${text}${quote}`;
const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
const isMap = (value: Value | undefined): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['quote', each((text) => JSON.stringify(text))],
  ['squote', each((text) => `'${text}'`)],
  ['mquote', each(unlessLong('"'))],
  ['msquote', each(unlessLong("'"))],
  ['default', ([fallback = '', value = '']) => (isTrue(value) ? value : fallback)],
  ['empty', ([value = '']) => !isTrue(value)],
  ['ternary', ([whenTrue = '', whenFalse = '', condition = false]) => (isTrue(condition) ? whenTrue : whenFalse)],
  ['list', (values) => values],
  ['dict', dict],
  ['get', ([map, key = '']) => (isMap(map) && Object.hasOwn(map, print(key)) ? (map[print(key)] ?? '') : '')],
  ['keys', (maps) => maps.flatMap((map) => (isMap(map) ? Object.keys(map) : []))],
  ['sortAlpha', ([value = '']) => (isList(value) ? value.map(print).sort() : [print(value)])],
  ['join', ([separator = '', value = '']) => (isList(value) ? value.map(print) : [print(value)]).join(print(separator))],
  ['toYaml', ([value = null]) => stringify(value).trimEnd()],
];

function dict(values: readonly Value[]): Value {
  const pairs = values.flatMap((key, index) => (index % 2 === 0 ? [[print(key), values[index + 1] ?? ''] as const] : []));
  return Object.fromEntries(pairs);
}
