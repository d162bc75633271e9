import { TemplateError } from './template-error.js';
import { isList, isMap, type Value } from './value.js';

/** Go's truth: not false, zero, empty or nothing. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  return isMap(value) ? Object.keys(value).length > 0 : value !== '' && value !== 0 && value !== false && value !== null;
}

/** A value as Go prints it (`%v`). */
export function print(value: Value): string {
  if (value === null) return '<no value>';
  if (isList(value)) return `[${value.map(print).join(' ')}]`;
  if (!isMap(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, each]) => `${key}:${print(each)}`).join(' ')}]`;
}

type Comparison = (values: readonly Value[]) => boolean;

/** Negative, zero or positive; a text and a number cannot be compared. */
function compare(left: Value = null, right: Value = null): number {
  if (typeof left !== typeof right || (typeof left === 'object' && left !== null))
    throw new TemplateError(`${print(left)} and ${print(right)} cannot be compared`);
  if (left === right) return 0;
  return left !== null && right !== null && left < right ? -1 : 1;
}

const ordered =
  (holds: (order: number) => boolean): Comparison =>
  ([left, right]) =>
    holds(compare(left, right));

function lengthOf([value = '']: readonly Value[]): number {
  if (isList(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : Buffer.byteLength(print(value));
}

function index([value = null, ...keys]: readonly Value[]): Value {
  return keys.reduce((around, key) => {
    const found = isList(around) ? around[Number(key)] : isMap(around) && Object.hasOwn(around, print(key)) ? around[print(key)] : undefined;
    if (found === undefined) throw new TemplateError(`there is no entry ${print(key)} in ${print(around)}`);
    return found;
  }, value);
}

/** A space stands between two of which none is a text. */
function printAll(values: readonly Value[]): string {
  return values.map((value, at) => (at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string' ? ' ' : '') + print(value)).join('');
}

function printf([format = '', ...values]: readonly Value[]): string {
  let next = 0;
  return print(format).replace(/%(.)/gu, (written, verb: string) => {
    if (verb === '%') return '%';
    const value = values[next];
    next += 1;
    if (value === undefined) throw new TemplateError(`printf has no value for ${written}`);
    if ('svdt'.includes(verb)) return print(value);
    if (verb === 'q') return JSON.stringify(print(value));
    throw new TemplateError(`printf knows %s, %v, %d, %t, %q and %%, not ${written}`);
  });
}

/** Those of the language itself that decide, compare, count and print; `and` and `or` are the renderer's, which evaluates them one by one. */
export const goFunctions: ReadonlyMap<string, (values: readonly Value[]) => Value> = new Map<string, (values: readonly Value[]) => Value>([
  ['and', () => null],
  ['or', () => null],
  ['not', ([value = null]) => !isTrue(value)],
  ['eq', ([first, ...others]) => others.some((other) => compare(first, other) === 0)],
  ['ne', ordered((order) => order !== 0)],
  ['lt', ordered((order) => order < 0)],
  ['le', ordered((order) => order <= 0)],
  ['gt', ordered((order) => order > 0)],
  ['ge', ordered((order) => order >= 0)],
  ['len', lengthOf],
  ['index', index],
  ['print', printAll],
  ['println', (values) => `${values.map(print).join(' ')}\n`],
  ['printf', printf],
]);
