import { parseAddress } from './address.js';
import { parseDuration } from './duration.js';
import { locate, type Located, type LocatedScalar } from './located.js';
import { parsed, unparsed, type Parsed } from './parsed.js';
import type { KeyKind } from './tables.js';

/** The value of a key as its kind has it: `"9091"` is an integer, `true` a text where a text is wanted. */
export function convert(node: Located, kind: KeyKind): Parsed<Located> {
  if (kind === 'any') return parsed(node);
  if (kind === 'strings' || kind === 'texts') return convertList(node, kind);
  if (node.type !== 'scalar') return unparsed(`${EXPECTED[kind]} is expected here, not a ${node.type === 'list' ? 'list' : 'section'}`);
  const value = convertScalar(node.value, kind);
  return value.ok ? parsed(locate(value.value, node.source)) : value;
}

/** What to write where a value of a kind cannot be read. */
export const EXAMPLES: Readonly<Record<KeyKind, string>> = {
  any: 'write what docs/configuration.md says',
  string: 'write a text, in quotes where it holds : or #',
  integer: 'write a number alone, such as 5',
  boolean: 'write true or false',
  duration: 'write seconds, or quantities with units such as 90s, 15m, 1h30m or 30d',
  'duration or word': 'write a duration such as 5m, always or disable',
  address: 'write for instance tcp://127.0.0.1:9091/ (mail: submission://mail.example.com:587)',
  strings: 'write a text, or a list such as [one, two]',
  texts: 'write a text, or a list such as [one, two]',
};

const EXPECTED: Readonly<Record<Exclude<KeyKind, 'any'>, string>> = {
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  duration: 'a duration',
  'duration or word': 'a duration',
  address: 'an address',
  strings: 'a text or a list of texts',
  texts: 'a text or a list of texts',
};

function convertList(node: Located, kind: 'strings' | 'texts'): Parsed<Located> {
  if (node.type === 'map') return unparsed(`${EXPECTED[kind]} is expected here, not a section`);
  const items = node.type === 'list' ? node.items : split(node, kind);
  if (items.some((item) => item.type === 'scalar' && item.value === null)) return unparsed('an entry of this list is empty');
  const texts: Located[] = [];
  for (const item of items) {
    if (item.type !== 'scalar')
      return unparsed(`${EXPECTED[kind]} is expected here, not a ${item.type === 'list' ? 'list within a list' : 'section'}`);
    texts.push({ ...item, value: String(item.value) });
  }
  return parsed({ type: 'list', items: texts, source: node.source });
}

/** Only those a person types: others are part of the value, for whoever reads it to judge. */
const withoutSpacesAround = (text: string): string => text.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');

function split(node: LocatedScalar, kind: 'strings' | 'texts'): LocatedScalar[] {
  const text = String(node.value);
  const parts =
    kind === 'strings'
      ? text
          .split(',')
          .map(withoutSpacesAround)
          .filter((part) => part !== '')
      : [text];
  return parts.map((value) => ({ ...node, value }));
}

function convertScalar(value: unknown, kind: Exclude<KeyKind, 'any' | 'strings' | 'texts'>): Parsed<unknown> {
  switch (kind) {
    case 'string':
      return parsed(String(value));
    case 'integer':
      return toInteger(value);
    case 'boolean':
      return toBoolean(value);
    case 'duration':
      return parseDuration(value);
    case 'duration or word': {
      const duration = parseDuration(value);
      return duration.ok || typeof value !== 'string' || /\d/u.test(value) ? duration : parsed(value);
    }
    case 'address':
      return parseAddress(value);
  }
}

function toInteger(value: unknown): Parsed<number> {
  const number = typeof value === 'string' && /^[-+]?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number)
    ? parsed(number)
    : unparsed(`a whole number is expected here, not '${String(value)}'`);
}

function toBoolean(value: unknown): Parsed<boolean> {
  const text = String(value);
  if (/^(?:1|t|true)$/iu.test(text)) return parsed(true);
  if (/^(?:0|f|false)$/iu.test(text)) return parsed(false);
  return unparsed(`true or false is expected here, not '${text}'`);
}
