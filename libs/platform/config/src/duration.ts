import { parsed, unparsed, type Parsed } from './parsed.js';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['millisecond', 1],
  ['s', 1000],
  ['second', 1000],
  ['m', 60_000],
  ['minute', 60_000],
  ['h', 3_600_000],
  ['hour', 3_600_000],
  ['d', 86_400_000],
  ['day', 86_400_000],
  ['w', 604_800_000],
  ['week', 604_800_000],
  ['M', 30 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['y', 365 * 86_400_000],
  ['year', 365 * 86_400_000],
]);

/** The longest span that fits the 64 bit nanoseconds of the servers this grammar comes from. */
const LONGEST_MS = 9_223_372_036_854;

/**
 * A span of time in milliseconds: a number or a text of digits counts seconds, otherwise blocks of quantity and unit are summed
 * (`1h30m`, `1 hour and 30 minutes`; `M` is 30 days, `m` a minute). A negative number is kept for the caller to judge.
 */
export function parseDuration(value: unknown): Parsed<number> {
  if (typeof value === 'number' && Number.isFinite(value)) return within(value * 1000, value.toString());
  if (typeof value !== 'string') return unparsed('a duration is a number of seconds or a text such as `1h30m`');
  if (value === '') return parsed(0);
  if (/^-?\d+$/u.test(value)) return within(Number(value) * 1000, value);
  if (/^\s*-/u.test(value))
    return unparsed(`the minus sign of '${value}' would not count: write ${value.replace(/^\s*-\s*/u, '')}, or the number -1 where that is meant`);
  const blocks = [...value.replace(/\s+|and/gu, '').matchAll(/(?<quantity>\d+)(?<unit>[^\d\s]*)|[^\d\s]+/gu)];
  if (!blocks.some(({ groups }) => Number(groups?.['quantity']) > 0))
    return unparsed(`'${value}' is no duration: write a quantity and a unit, such as \`90s\`, \`15m\` or \`1h30m\``);
  let totalMs = 0;
  for (const { 0: block, groups } of blocks) {
    const unit = groups?.['unit'] ?? '';
    if (unit === '') return unparsed(`'${block}' in '${value}' has no ${groups === undefined ? 'quantity' : 'unit'}: write for instance 1h30m`);
    const unitMs = UNITS.get(unit) ?? UNITS.get(unit.replace(/(?<=.{3})s$/u, ''));
    if (unitMs === undefined) return unparsed(`'${unit}' in '${value}' is no unit of time: use ms, s, m, h, d, w, M (month) or y`);
    totalMs += Number(groups?.['quantity']) * unitMs;
  }
  return within(totalMs, value);
}

function within(ms: number, written: string): Parsed<number> {
  return Math.abs(ms) <= LONGEST_MS ? parsed(ms) : unparsed(`'${written}' is longer than a duration may be (292 years)`);
}
