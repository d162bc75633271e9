import { compilePattern, type Pattern } from './pattern.js';
import type { Rule } from './types.js';

/** One entry of `domain` or `domain_regex`, with what can be told of its hosts; null is the absent criterion, every host. */
export type DomainEntry = {
  readonly kind: 'domain' | 'regex';
  readonly value: string;
  /** What every host of the entry ends with; '' where that cannot be told. */
  readonly ending: string;
  /** The entry takes every host that ends so; null where it takes fewer. */
  readonly takes: string | null;
  /** Of a regex that says more than an ending. */
  readonly pattern: Pattern | null;
} | null;

/** The entries of every rule, in the order of the rules. */
export function readDomains(rules: readonly Rule[]): readonly (readonly DomainEntry[])[] {
  return rules.map(({ domains, domainRegex }) => {
    const entries = [...domains.map(readDomain), ...domainRegex.map(readRegex)];
    return entries.length === 0 ? [null] : entries;
  });
}

function readDomain(written: string): DomainEntry {
  const value = written.toLowerCase();
  const ending = value.replace(/^(?:\*|\{user\}|\{group\})/, '');
  return { kind: 'domain', value, ending, takes: value.startsWith('*.') ? ending : null, pattern: null };
}

function readRegex(value: string): DomainEntry {
  const ending = value.includes('|') ? '' : literalOf(/(?<!\\)((?:\\\.|[a-z0-9-])*)\$$/.exec(value)?.[1] ?? '');
  const takes = /^(?:\^?\.\*)?((?:\\\.|[a-z0-9-])*)\$$/.exec(value)?.[1];
  return takes === undefined
    ? { kind: 'regex', value, ending, takes: null, pattern: compilePattern(value) }
    : { kind: 'regex', value, ending, takes: literalOf(takes), pattern: null };
}

/** What every host of a regex begins with; '' where that cannot be told. */
function beginningOf(regex: string): string {
  return regex.includes('|') ? '' : literalOf(/^\^((?:\\\.|[a-z0-9-])*)(?![?*{])/.exec(regex)?.[1] ?? '');
}

const literalOf = (escaped: string): string => escaped.replaceAll('\\', '');

interface Probe {
  readonly ruleIndex: number;
  readonly ending: string;
  readonly pattern: Pattern;
}

/** Rules found by the domains they name, so that looking through thousands does not compare each with each. */
export class DomainCoverage {
  readonly #everyHost: number[] = [];
  readonly #same = new Map<string, number[]>();
  readonly #byEnding = new AffixIndex<number>((text, length) => text.slice(text.length - length));
  readonly #byBeginning = new AffixIndex<Probe>((text, length) => text.slice(0, length));

  /** Adds a rule; they come in their order. */
  add(ruleIndex: number, entries: readonly DomainEntry[]): void {
    for (const entry of entries) {
      if (entry === null) this.#everyHost.push(ruleIndex);
      else this.#addEntry(ruleIndex, entry);
    }
  }

  /** The rules, in order, with an entry that surely covers every host of this one, for the same people. */
  covering(entry: DomainEntry): readonly number[] {
    if (entry === null) return this.#everyHost;
    const lists = [this.#everyHost, this.#same.get(keyOf(entry)) ?? [], ...this.#byEnding.find(entry.ending), this.#probe(entry)];
    const [first = [], ...others] = lists.filter(({ length }) => length > 0);
    return others.length === 0 ? first : [...new Set([first, ...others].flat())].sort((a, b) => a - b);
  }

  #addEntry(ruleIndex: number, entry: NonNullable<DomainEntry>): void {
    const key = keyOf(entry);
    const same = this.#same.get(key);
    if (same === undefined) this.#same.set(key, [ruleIndex]);
    else if (same.at(-1) !== ruleIndex) same.push(ruleIndex);
    if (entry.takes !== null) this.#byEnding.add(entry.takes, ruleIndex);
    if (entry.pattern?.isPersonal === false) {
      this.#byBeginning.add(beginningOf(entry.value), { ruleIndex, ending: entry.ending, pattern: entry.pattern });
    }
  }

  /** Of a wildcard or another regex nothing but its ending is known. */
  #probe({ kind, value }: NonNullable<DomainEntry>): readonly number[] {
    if (kind === 'regex' || /^[*{]/.test(value) || value === '') return [];
    const probes = this.#byBeginning.find(value).flat();
    return probes.flatMap(({ ruleIndex, ending, pattern }) => (value.endsWith(ending) && pattern.test(value) ? [ruleIndex] : []));
  }
}

const keyOf = ({ kind, value }: NonNullable<DomainEntry>): string => `${kind} ${value}`;

/** Values under the beginning, or the ending, of a text; only the lengths that occur are looked up. */
class AffixIndex<T> {
  readonly #lists = new Map<string, T[]>();
  readonly #lengths = new Set<number>();
  readonly #affixOf: (text: string, length: number) => string;

  constructor(affixOf: (text: string, length: number) => string) {
    this.#affixOf = affixOf;
  }

  add(affix: string, value: T): void {
    this.#lengths.add(affix.length);
    const list = this.#lists.get(affix);
    if (list === undefined) this.#lists.set(affix, [value]);
    else if (list.at(-1) !== value) list.push(value);
  }

  find(text: string): (readonly T[])[] {
    return [...this.#lengths].flatMap((length) => {
      const list = length > text.length ? undefined : this.#lists.get(this.#affixOf(text, length));
      return list === undefined ? [] : [list];
    });
  }
}
