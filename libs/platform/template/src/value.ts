import { TemplateError } from './template-error.js';

export type Value = string | number | boolean | null | readonly Value[] | { readonly [field: string]: Value };

export function isMap(value: Value): value is { readonly [field: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** The entries of a list by their numbers, of a map by their names, in the order Go goes through them. */
export function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (isList(value)) return value.map((each, index) => [index, each]);
  if (typeof value === 'number') return Array.from({ length: Math.max(0, Math.floor(value)) }, (_, index) => [index, index]);
  if (isMap(value)) return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  if (value === '' || value === null) return [];
  throw new TemplateError(`'${String(value)}' is neither a list nor a map`);
}
