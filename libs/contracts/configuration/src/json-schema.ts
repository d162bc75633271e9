import { keyDescriptions } from './descriptions.js';
import { configurationKeys, type ConfigurationKey } from './keys.js';
import { configurationMappings, type ConfigurationMapping } from './mappings.js';

/** A JSON Schema (draft 07), as far as it is needed here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Record<string, JsonSchema>;
}

const PLAIN = ['string', 'number', 'boolean'];
const UNITS = 'ns|us|µs|μs|ms|milliseconds?|s|seconds?|m|minutes?|h|hours?|d|days?|w|weeks?|M|months?|y|years?';
const DURATION = `^(?:|-?[0-9]+|(?:\\s*(?:and\\s*)?[0-9]+\\s*(?:${UNITS})\\s*)+)$`;
const BOOLEAN = '^(?:[01tTfF]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$';
const REFUSED_WHEN_FILLED = { maxProperties: 0 };

/** Two keys that are more than a text: a subject, and what is asked of the query. */
const SHAPES: Readonly<Record<string, JsonSchema>> = {
  'access_control.rules[].subject': {
    anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] } }],
  },
  'access_control.rules[].query': {
    type: 'array',
    items: { anyOf: [{ $ref: '#/definitions/condition' }, { type: 'array', items: { $ref: '#/definitions/condition' } }] },
  },
};
const CONDITION = {
  type: 'object',
  additionalProperties: false,
  required: ['key'],
  properties: {
    key: { type: 'string' },
    operator: { enum: ['present', 'absent', 'equal', 'not equal', 'pattern', 'not pattern'] },
    value: { type: 'string' },
  },
};

/** `docs/configuration.schema.json`: for editors, so it knows the shape of each value; what only a run can judge is left to `config validate`. */
export function configurationJsonSchema(): JsonSchema {
  const root = section();
  for (const [path, key] of Object.entries(configurationKeys)) place(root, path, schemaOf(path, key));
  for (const mapping of configurationMappings) for (const from of [mapping.from].flat()) place(root, from, oldName(from, mapping));
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Portcullis configuration', definitions: { condition: CONDITION }, ...root };
}

interface Section extends JsonSchema {
  properties: Record<string, JsonSchema>;
  additionalProperties: JsonSchema | false;
}

function section(): Section {
  return { type: ['object', 'null'], additionalProperties: false, properties: {} };
}

/** Puts a schema at its path, making the sections and lists on the way; nothing is put below what is not looked into. */
function place(root: Section, path: string, schema: JsonSchema): void {
  const parts = path.replaceAll('[]', '.[]').split('.');
  let at: JsonSchema = root;
  parts.forEach((part, index) => {
    const last = index === parts.length - 1;
    const next = last ? schema : parts[index + 1] === '[]' ? { type: ['array', 'null'], items: section() } : section();
    at = child(at, part, next);
  });
}

function child(parent: JsonSchema, part: string, made: JsonSchema): JsonSchema {
  if (part === '[]') return parent['items'] as JsonSchema;
  if (!isSection(parent)) return made;
  if (part !== '*') return (parent.properties[part] ??= made);
  if (parent.additionalProperties === false) parent.additionalProperties = made;
  return parent.additionalProperties;
}

const isSection = (schema: JsonSchema): schema is Section => schema.properties !== undefined;

function schemaOf(path: string, key: ConfigurationKey): JsonSchema {
  const described = keyDescriptions[path];
  const unset = described?.standard === undefined ? (described?.otherwise ?? '') : described.standard;
  const state = { used: '', accepted: ' It has no effect yet.', refused: ' Refused: the start fails while it is set.' }[key.state];
  return { description: `${capital(described?.meaning ?? '')}. Default: ${unset}.${state}`, ...valueOf(path, key) };
}

function valueOf(path: string, { kind, state }: ConfigurationKey): JsonSchema {
  const words = keyDescriptions[path]?.words;
  switch (kind) {
    case 'string':
      return words === undefined ? { type: [...PLAIN, 'null'] } : oneOf(words);
    case 'integer':
      return words === undefined
        ? { type: ['integer', 'string', 'null'], pattern: '^[-+]?[0-9]+$' }
        : { enum: [...words.map(Number), ...words, null] };
    case 'boolean':
      return { type: ['boolean', 'string', 'integer', 'null'], pattern: BOOLEAN, minimum: 0, maximum: 1 };
    case 'duration':
      return { type: ['number', 'string', 'null'], pattern: DURATION };
    case 'duration or word':
      return { anyOf: [{ enum: words ?? [] }, { type: ['number', 'string', 'null'], pattern: DURATION }] };
    case 'address':
      return { type: ['string', 'null'] };
    case 'strings':
    case 'texts':
      return { anyOf: [{ type: 'array', items: words === undefined ? { type: PLAIN } : oneOf(words) }, { type: [...PLAIN, 'null'] }] };
    case 'any':
      return state === 'refused' ? REFUSED_WHEN_FILLED : (SHAPES[path] ?? {});
  }
}

/** Offered as they are described, taken in any case: which ones are is for a run to judge. */
function oneOf(words: readonly string[]): JsonSchema {
  const anyCase = words.map((word) =>
    word.replace(/[a-z]/giu, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`).replaceAll('.', '\\.'),
  );
  return { anyOf: [{ enum: [...words, ...words.flatMap(asNumber), null] }, { type: 'string', pattern: `^(?:${anyCase.join('|')}|)$` }] };
}

const asNumber = (word: string): number[] => (/^\d+$/u.test(word) ? [Number(word)] : []);

function oldName(from: string, mapping: ConfigurationMapping): JsonSchema {
  switch (mapping.kind) {
    case 'rename':
    case 'combine': {
      const message = `An old name: write ${mapping.to}.`;
      const today = configurationKeys[mapping.to];
      const isSame = mapping.kind === 'rename' && mapping.convert === undefined && today !== undefined;
      return { description: message, deprecated: true, deprecationMessage: message, ...(isSame ? valueOf(mapping.to, today) : {}) };
    }
    case 'drop':
      return { description: `${from}: ${mapping.note}`, deprecated: true, deprecationMessage: `Remove it: ${mapping.note}.` };
    case 'refuse':
      return { description: `${mapping.note}: ${mapping.fix ?? ''}`, not: {}, errorMessage: `${mapping.note}: ${mapping.fix ?? ''}` };
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
