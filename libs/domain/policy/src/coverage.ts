import { resolveNetworks, type Network } from './network-matcher.js';
import { compilePattern, type Pattern } from './pattern.js';
import { parsePrefixPattern, type Tail } from './prefix-pattern.js';
import type { NetworkDefinitions, QueryCondition, Rule } from './types.js';

/** One entry of `domain` or `domain_regex`; null is the absent criterion, every host. */
export type DomainEntry = { readonly kind: 'domain' | 'regex'; readonly value: string; readonly pattern: Pattern | null } | null;

export function domainEntries({ domains, domainRegex }: Rule): readonly DomainEntry[] {
  const entries = [
    ...domains.map((value) => ({ kind: 'domain' as const, value: value.toLowerCase(), pattern: null })),
    ...domainRegex.map((value) => ({ kind: 'regex' as const, value, pattern: compilePattern(value) })),
  ];
  return entries.length === 0 ? [null] : entries;
}

/** Rules found by the domains they name, so that looking through thousands does not compare each with each. */
export class DomainCoverage {
  readonly #entries: (readonly DomainEntry[])[] = [];
  readonly #byValue = new Map<string, number[]>();
  readonly #wide: number[] = [];

  /** Adds the next rule; rules count from 0 in the order they are added. */
  add(rule: Rule): void {
    const entries = domainEntries(rule);
    const ruleIndex = this.#entries.push(entries) - 1;
    for (const value of new Set(entries.flatMap((entry) => entry?.value ?? []))) {
      const known = this.#byValue.get(value);
      if (known === undefined) this.#byValue.set(value, [ruleIndex]);
      else known.push(ruleIndex);
    }
    if (entries.some((entry) => entry === null || entry.kind === 'regex' || entry.value.startsWith('*'))) this.#wide.push(ruleIndex);
  }

  /** The rules, in order, with an entry that covers this one. */
  covering(entry: DomainEntry): readonly number[] {
    const candidates = new Set([...((entry === null ? undefined : this.#byValue.get(entry.value)) ?? []), ...this.#wide]);
    return [...candidates].filter((index) => this.#entries[index]?.some((outer) => coversDomain(outer, entry))).sort((a, b) => a - b);
  }
}

/** Whether every host of `inner` is surely one of `outer`, for the same people; false where that cannot be told. */
function coversDomain(outer: DomainEntry, inner: DomainEntry): boolean {
  if (outer === null) return true;
  if (inner === null) return false;
  if (outer.kind === inner.kind && outer.value === inner.value) return true;
  const innerSuffix = certainSuffix(inner);
  if (outer.pattern === null) return outer.value.startsWith('*.') && innerSuffix.endsWith(outer.value.slice(1));
  if (outer.pattern.isPersonal) return false;
  const suffix = /^(?:\^?\.\*)?((?:\\\.|[a-z0-9-])*)\$$/.exec(outer.value)?.[1]?.replaceAll('\\', '');
  return suffix === undefined ? isExactHost(inner) && outer.pattern.test(inner.value) : innerSuffix.endsWith(suffix);
}

/** Whether every request that meets the other criteria of `inner` also meets those of `outer`; domains aside. */
export function coversCriteria(outer: Rule, inner: Rule, definitions: NetworkDefinitions): boolean {
  return (
    coversList(outer.methods, inner.methods, (a, b) => a.toUpperCase() === b.toUpperCase()) &&
    coversList(outer.subjects, inner.subjects, (a, b) => a.every((entry) => b.includes(entry))) &&
    coversList(outer.query, inner.query, (a, b) => a.every((one) => b.some((other) => isSameCondition(one, other)))) &&
    (outer.resources.some(isEverything) || coversList(outer.resources, inner.resources, coversResource)) &&
    coversNetworks(outer.networks, inner.networks, definitions)
  );
}

/** A pattern that no path escapes. */
export function isEverything(pattern: string): boolean {
  return ['', '^', '.*', '^.*', '^.*$', '.*$', '/', '^/', '^/.*', '^/.*$', '/.*'].includes(pattern);
}

/** An absent criterion covers everything; else each inner entry needs an outer one that covers it. */
function coversList<T>(outer: readonly T[], inner: readonly T[], covers: (outer: T, inner: T) => boolean): boolean {
  return outer.length === 0 || (inner.length > 0 && inner.every((b) => outer.some((a) => covers(a, b))));
}

function isExactHost(entry: NonNullable<DomainEntry>): boolean {
  return entry.kind === 'domain' && /^[^*{]/.test(entry.value);
}

/** What every host of the entry ends with. */
function certainSuffix({ kind, value }: NonNullable<DomainEntry>): string {
  if (kind === 'domain') return value.replace(/^(?:\*|\{user\}|\{group\})/, '');
  return value.includes('|') ? '' : (/(?<!\\)((?:\\\.|[a-z0-9-])*)\$$/.exec(value)?.[1]?.replaceAll('\\', '') ?? '');
}

function isSameCondition(a: QueryCondition, b: QueryCondition): boolean {
  return a.key === b.key && a.operator === b.operator && a.value === b.value;
}

/** The tails whose every text is also one of the tail named; no path has a second line. */
const coveredTails: Readonly<Record<Tail, readonly Tail[]>> = {
  open: ['open', 'line', 'exact', 'belowSlash', 'below'],
  line: ['open', 'line', 'exact', 'belowSlash', 'below'],
  exact: ['exact'],
  belowSlash: ['exact', 'belowSlash'],
  below: ['exact', 'belowSlash', 'below'],
};

function coversResource(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  const a = parsePrefixPattern(outer);
  const b = parsePrefixPattern(inner);
  if (a === null || b === null) return false;
  if (a.prefix === b.prefix) return coveredTails[a.tail].includes(b.tail);
  return a.tail !== 'exact' && b.prefix.startsWith(a.tail === 'open' || a.tail === 'line' ? a.prefix : `${a.prefix}/`);
}

function coversNetworks(outer: readonly string[], inner: readonly string[], definitions: NetworkDefinitions): boolean {
  const resolve = (entries: readonly string[]) => entries.flatMap((entry) => resolveNetworks(entry, definitions));
  return coversList(resolve(outer), resolve(inner), coversNetwork);
}

function coversNetwork(outer: Network, inner: Network): boolean {
  return (
    outer.groups.length === inner.groups.length &&
    outer.masks.every((mask, index) => (mask & (inner.masks[index] ?? 0)) === mask && ((inner.groups[index] ?? 0) & mask) === outer.groups[index])
  );
}
