import { knownAddresses, type KnownAddress, type NetworkUse } from './known-addresses.js';
import { compileCondition, parseQuery } from './query-matcher.js';
import { ANY, GROUP, sampleTexts, USER } from './sample-pattern.js';
import type { PolicyRequest, QueryCondition, Subject } from './types.js';

/** What rules tell apart on one host. Each request is a choice of one of each. */
export interface KnownRequests {
  /** Path and query; what a pattern leaves open is `<any>`, the person's own name `{user}`. */
  readonly texts: readonly string[];
  readonly methods: readonly string[];
  readonly addresses: readonly KnownAddress[];
  /** The texts that each pattern of `resources` stands for. */
  readonly byPattern: ReadonlyMap<string, readonly string[]>;
}

const mostTexts = 48;
const REST = `/${ANY}`;

/** The requests that these rules answer differently, and one that none of them names. */
export function knownRequests(sources: readonly NetworkUse[]): KnownRequests {
  const rules = sources.flatMap((source) => source.rules);
  const byPattern = new Map([...new Set(rules.flatMap(({ resources }) => resources))].map((pattern) => [pattern, textsOf(pattern)]));
  const queried = rules.flatMap(({ resources, query }) => {
    const bases = resources.length === 0 ? ['/'] : resources.flatMap((pattern) => byPattern.get(pattern) ?? []).filter((text) => !text.includes('?'));
    return query.flatMap((all) => bases.flatMap((base) => queryOf(all).map((text) => `${base}?${text}`)));
  });
  const rest = byPattern.size === 0 ? ['/'] : ['/', REST];
  const methods = [...new Set(rules.flatMap((rule) => rule.methods.map((method) => method.toUpperCase())))];
  return {
    texts: [...new Set([...rest, ...[...byPattern.values()].flat(), ...queried])].slice(0, mostTexts),
    methods: [...methods, otherMethod(methods)],
    addresses: knownAddresses(sources),
    byPattern,
  };
}

/** The request of one person: their names put in. */
export function requestFor(text: string, method: string, { ip }: KnownAddress, host: string, subject: Subject | null): PolicyRequest {
  const filled = text.replaceAll(USER, subject?.username ?? ANY).replaceAll(GROUP, subject?.groups[0] ?? ANY);
  const question = filled.indexOf('?');
  return { host, path: question < 0 ? filled : filled.slice(0, question), query: question < 0 ? '' : filled.slice(question + 1), method, ip };
}

/** A path begins with a slash, whatever the pattern begins with. */
function textsOf(pattern: string): readonly string[] {
  return sampleTexts(pattern).map((text) => (text.startsWith('/') ? text : `/${text}`));
}

function otherMethod(named: readonly string[]): string {
  return ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'].find((method) => !named.includes(method)) ?? 'OTHER';
}

/** A query that meets all of the conditions, where one is found. */
function queryOf(all: readonly QueryCondition[]): readonly string[] {
  const parts = all.flatMap(({ key, operator, value }) => {
    const values = { present: ['1'], absent: [], equal: [value ?? ''], 'not equal': [], pattern: sampleTexts(value ?? ''), 'not pattern': [] }[
      operator
    ];
    return values.slice(0, 1).map((text) => `${encodeURIComponent(key)}=${encodeURIComponent(text)}`);
  });
  const text = parts.join('&');
  const args = parseQuery(text);
  return all.every((condition) => compileCondition(condition)(args)) ? [text] : [];
}
