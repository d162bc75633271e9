import type { CompiledPolicy } from './compile-policy.js';
import { decideAmong } from './decide.js';
import { finish } from './finish.js';
import type { HostRules } from './host-index.js';
import { hostFor, knownHosts } from './known-hosts.js';
import { knownRequests, requestFor, type KnownRequests } from './known-requests.js';
import { USER } from './sample-pattern.js';
import { strictnessOf } from './strictness.js';
import type { Decision, Policy, PolicySource, Rule, Subject } from './types.js';

/** Rules as they were written, and compiled. */
export interface RuleSet {
  readonly source: PolicySource;
  readonly policy: CompiledPolicy;
}

/** The answer of a rule, or of the default policy where the index is -1. */
export type Answer = Pick<Decision, 'policy' | 'ruleIndex'>;

/** `gains` and `loses`: let in or kept out at all. `easier` and `harder`: a factor less or more is asked for. */
export type ChangeKind = 'gains' | 'loses' | 'easier' | 'harder';

/** What changes for some people on one host. An empty list of the last four is all there is. */
export interface AccessChange {
  readonly change: ChangeKind;
  /** Names; null is a visitor who has not signed in. */
  readonly who: readonly (string | null)[];
  /** `app.example.com`; `<any>.example.com`: any that no rule names; `{user}.example.com`: one's own; `<any>`: all the rest. */
  readonly host: string;
  /** Patterns of `resources`, each with all it stands for. */
  readonly resources: readonly string[];
  /** Single paths; `/<any>` is any that no pattern names. */
  readonly paths: readonly string[];
  /** `''` is any that no rule names. */
  readonly methods: readonly string[];
  /** Entries of `networks`; `''` is an address in none of them. */
  readonly from: readonly string[];
  readonly before: Answer;
  readonly after: Answer;
}

/**
 * Who gains or loses access by new rules: every person and a stranger, on every host, path, method and network that the rules tell apart,
 * asked of both. Exact for what rules name; a representative stands for what a wildcard or a pattern leaves open.
 */
export function compareAccess(before: RuleSet, after: RuleSet, people: readonly Subject[]): readonly AccessChange[] {
  const askers: readonly Asker[] = [stranger, ...people.map((subject) => ({ name: subject.username, subject }))];
  const comparison = new Comparison(before, after);
  const groups = [...new Set(people.flatMap((person) => person.groups))];
  return [...knownHosts([before.source, after.source], groups)].flatMap((host) => finish(comparison.changesOn(host, askers)));
}

/** Somebody who asks, and how they are called in what is told. */
export interface Asker {
  readonly name: string | null;
  readonly subject: Subject | null;
}
export const stranger: Asker = { name: null, subject: null };

interface Cell {
  readonly change: ChangeKind;
  readonly who: string | null;
  readonly text: string;
  readonly method: string;
  readonly from: string;
  readonly before: Answer;
  readonly after: Answer;
}

/** Two sets of rules, asked host by host. */
export class Comparison {
  readonly #before: RuleSet;
  readonly #after: RuleSet;
  readonly #written = new WeakMap<Rule, string>();
  readonly #common: ReadonlyMap<RuleSet, string>;

  constructor(before: RuleSet, after: RuleSet) {
    this.#before = before;
    this.#after = after;
    this.#common = new Map([before, after].map((set) => [set, JSON.stringify([set.source.defaultPolicy, set.source.networks])]));
  }

  /** The rules of each that may answer on a host; null where they are the same, so that nothing can have changed. */
  differing(host: string): { readonly before: HostRules; readonly after: HostRules } | null {
    const before = this.#before.policy.hosts.look(host);
    const after = this.#after.policy.hosts.look(host);
    return this.#keyOf(this.#before, before) === this.#keyOf(this.#after, after) ? null : { before, after };
  }

  #keyOf(set: RuleSet, found: HostRules): string {
    return [this.#common.get(set), ...rulesOf(set, found).map((rule) => this.#write(rule))].join('\n');
  }

  #write(rule: Rule): string {
    const known = this.#written.get(rule);
    if (known !== undefined) return known;
    const written = JSON.stringify(rule);
    this.#written.set(rule, written);
    return written;
  }

  /** What changes for these on a host; stops after each of them, for whoever has other things to do in between. */
  *changesOn(host: string, askers: readonly Asker[]): Generator<undefined, readonly AccessChange[]> {
    const example = this.differing(hostFor(host, askers.find(({ subject }) => subject !== null)?.subject ?? null));
    if (example === null) return [];
    const requests = knownRequests([
      { rules: rulesOf(this.#before, example.before), networks: this.#before.source.networks },
      { rules: rulesOf(this.#after, example.after), networks: this.#after.source.networks },
    ]);
    const cells: Cell[] = [];
    for (const asker of askers) {
      const own = hostFor(host, asker.subject);
      const found = host.includes(USER) ? this.differing(own) : example;
      if (found !== null) cells.push(...this.#ask(own, found, requests, asker));
      yield;
    }
    return merge(host, cells, requests, askers.length);
  }

  #ask(host: string, found: { readonly before: HostRules; readonly after: HostRules }, requests: KnownRequests, { name, subject }: Asker): Cell[] {
    const cells: Cell[] = [];
    for (const address of requests.addresses)
      for (const method of requests.methods)
        for (const text of requests.texts) {
          const request = requestFor(text, method, address, host, subject);
          const before = decideAmong(this.#before.policy, found.before, request, subject);
          const after = decideAmong(this.#after.policy, found.after, request, subject);
          const change = changeBetween(before.policy, after.policy, subject);
          if (change !== null) cells.push({ change, who: name, text, method, from: address.ip ?? '', before, after });
        }
    return cells;
  }
}

export const rulesOf = ({ source }: RuleSet, { candidates }: HostRules): readonly Rule[] =>
  candidates.flatMap(({ rule }) => source.rules[rule.decision.ruleIndex] ?? []);

/** A stranger is let in by bypass alone; what only changes for strangers is not told of people again. */
export function changeBetween(before: Policy, after: Policy, subject: Subject | null): ChangeKind | null {
  if (before === after) return null;
  const isIn = (policy: Policy): boolean => (subject === null ? policy === 'bypass' : policy !== 'deny');
  if (isIn(before) !== isIn(after)) return isIn(after) ? 'gains' : 'loses';
  if (subject === null || before === 'bypass' || after === 'bypass') return null;
  return strictnessOf(after) < strictnessOf(before) ? 'easier' : 'harder';
}

/** The networks of addresses; `''` for one in none. */
function namesOf(from: readonly string[], { addresses }: KnownRequests): readonly string[] {
  return [...new Set(addresses.filter(({ ip }) => from.includes(ip ?? '')).map(({ networks }) => networks.join(' and ')))];
}

type Row = Pick<AccessChange, 'change' | 'who' | 'methods' | 'from' | 'before' | 'after'> & { readonly texts: readonly string[] };
type Dimension = 'who' | 'methods' | 'from' | 'texts';

/** Cells that differ in one dimension alone become one row, dimension by dimension. */
function merge(host: string, cells: readonly Cell[], requests: KnownRequests, askers: number): readonly AccessChange[] {
  const rows: Row[] = cells.map(({ who, method, text, from, change, before, after }) => ({
    change,
    who: [who],
    methods: [method],
    texts: [text],
    from: [from],
    before: answerOf(before),
    after: answerOf(after),
  }));
  const merged = (['who', 'texts', 'methods', 'from'] as const).reduce<readonly Row[]>(mergeBy, rows);
  const ordered = [...merged].sort((a, b) => rankOf(a, askers) - rankOf(b, askers));
  return ordered.map(({ texts, methods, from, ...row }) => ({
    ...row,
    host,
    ...pathsOf(texts, requests),
    methods: methods.length === requests.methods.length ? [] : methods.map((method) => (method === requests.methods.at(-1) ? '' : method)),
    from: from.length === requests.addresses.length ? [] : namesOf(from, requests),
  }));
}

const answerOf = ({ policy, ruleIndex }: Answer): Answer => ({ policy, ruleIndex });

/** What lets people in stands first, and of that what concerns most. */
const rankOf = ({ change, who }: Row, askers: number): number =>
  ['gains', 'easier', 'loses', 'harder'].indexOf(change) * (askers + 1) + (who.includes(null) ? 0 : askers - who.length);

function mergeBy(rows: readonly Row[], dimension: Dimension): readonly Row[] {
  // A stranger stands alone: what is said of them is not what is said of people.
  const keyOf = (row: Row): string => JSON.stringify({ ...row, [dimension]: dimension === 'who' && row.who.includes(null) });
  return [...Map.groupBy(rows, keyOf).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : [{ ...first, [dimension]: [...new Set(alike.flatMap((row) => row[dimension] as readonly (string | null)[]))] }];
  });
}

/** Texts that are all of a pattern's are told as the pattern. */
function pathsOf(texts: readonly string[], { texts: all, byPattern }: KnownRequests): Pick<AccessChange, 'resources' | 'paths'> {
  if (texts.length === all.length) return { resources: [], paths: [] };
  const whole = [...byPattern].filter(([, own]) => own.length > 0 && own.every((text) => texts.includes(text)));
  const told = new Set(whole.flatMap(([, own]) => own));
  return { resources: whole.map(([pattern]) => pattern), paths: texts.filter((text) => !told.has(text)) };
}
