import { resolveNetworks, type Network } from './network-matcher.js';
import { parsePrefixPattern, type PrefixPattern, type Tail } from './prefix-pattern.js';
import type { NetworkDefinitions, QueryCondition, Rule } from './types.js';

/** What a rule asks for besides its domains, read once for many comparisons. */
export interface Criteria {
  readonly methods: readonly string[];
  readonly subjects: Rule['subjects'];
  readonly query: Rule['query'];
  readonly resources: readonly Resource[];
  readonly takesEveryPath: boolean;
  readonly networks: readonly Network[];
}

interface Resource {
  readonly pattern: string;
  readonly shape: PrefixPattern | null;
}

export function readCriteria({ methods, subjects, query, resources, networks }: Rule, definitions: NetworkDefinitions): Criteria {
  return {
    methods: methods.map((method) => method.toUpperCase()),
    subjects,
    query,
    resources: resources.map((pattern) => ({ pattern, shape: parsePrefixPattern(pattern) })),
    takesEveryPath: resources.length === 0 || resources.some(isEverything),
    networks: networks.flatMap((entry) => resolveNetworks(entry, definitions)),
  };
}

/** Whether every request that meets the criteria of `inner` also meets those of `outer`. */
export function coversCriteria(outer: Criteria, inner: Criteria): boolean {
  return (
    (outer.takesEveryPath || coversList(outer.resources, inner.resources, coversResource)) &&
    coversList(outer.subjects, inner.subjects, (a, b) => a.every((entry) => b.includes(entry))) &&
    coversList(outer.methods, inner.methods, (a, b) => a === b) &&
    coversList(outer.query, inner.query, (a, b) => a.every((one) => b.some((other) => isSameCondition(one, other)))) &&
    coversList(outer.networks, inner.networks, coversNetwork)
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

function coversResource(outer: Resource, inner: Resource): boolean {
  if (outer.pattern === inner.pattern) return true;
  const { shape: a } = outer;
  const { shape: b } = inner;
  if (a === null || b === null) return false;
  if (a.prefix === b.prefix) return coveredTails[a.tail].includes(b.tail);
  return a.tail !== 'exact' && b.prefix.startsWith(a.tail === 'open' || a.tail === 'line' ? a.prefix : `${a.prefix}/`);
}

function coversNetwork(outer: Network, inner: Network): boolean {
  return (
    outer.groups.length === inner.groups.length &&
    outer.masks.every((mask, index) => (mask & (inner.masks[index] ?? 0)) === mask && ((inner.groups[index] ?? 0) & mask) === outer.groups[index])
  );
}
