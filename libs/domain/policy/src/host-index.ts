import type { CompiledRule } from './compile-rule.js';
import type { HostMatch } from './domain-matcher.js';
import { HostCache } from './host-cache.js';
import type { PersonTest } from './pattern.js';
import type { Decision } from './types.js';

/** A rule that may match on one host; `persons` are what its domains ask of the person, null where the host alone settles it. */
export interface Candidate {
  readonly rule: CompiledRule;
  readonly persons: readonly PersonTest[] | null;
}

/** The rules of one host in rule order, or the one decision that needs no question at all. */
export interface HostRules {
  readonly candidates: readonly Candidate[];
  readonly unconditional: Decision | null;
}

interface ComputedDomain {
  readonly candidate: Candidate;
  readonly match: (host: string) => HostMatch;
}

/** What the cache may hold over all hosts, counted in candidates; a host by itself counts as some of them. */
const maxCachedCandidates = 100_000;
const hostWeight = 8;

/**
 * Finds the rules of a host in rule order: exact names and `*.` suffixes by look-up, patterns one by one, all of it once
 * per host. The list ends with the first rule that asks for nothing more, for nothing after it can be reached.
 */
export class HostIndex {
  readonly #everyHost: Candidate[] = [];
  readonly #exact = new Map<string, Candidate[]>();
  readonly #below = new Map<string, Candidate[]>();
  readonly #computed: ComputedDomain[] = [];
  readonly #cache = new HostCache<HostRules>(maxCachedCandidates, ({ candidates }) => candidates.length + hostWeight);

  constructor(rules: readonly CompiledRule[]) {
    for (const rule of rules) this.#add({ rule, persons: null });
  }

  find(host: string): HostRules {
    const cached = this.#cache.get(host);
    if (cached !== undefined) return cached;
    const found = this.look(host);
    this.#cache.set(host, found);
    return found;
  }

  /** The same without the cache: for who goes through all hosts, and would push out those that are asked for. */
  look(host: string): HostRules {
    const candidates = this.#collect(host);
    const [first] = candidates;
    return { candidates, unconditional: first !== undefined && isUnconditional(first) ? first.rule.decision : null };
  }

  #add(candidate: Candidate): void {
    const { domains } = candidate.rule;
    if (domains === null) {
      this.#everyHost.push(candidate);
      return;
    }
    for (const domain of domains) {
      if (domain.kind === 'exact') append(this.#exact, domain.host, candidate);
      else if (domain.kind === 'below') append(this.#below, domain.suffix, candidate);
      else this.#computed.push({ candidate, match: domain.match });
    }
  }

  #collect(host: string): readonly Candidate[] {
    const found = new Map<number, Candidate>();
    for (const candidate of this.#settled(host)) found.set(candidate.rule.decision.ruleIndex, candidate);
    for (const { candidate, match } of this.#computed) {
      const { ruleIndex } = candidate.rule.decision;
      const known = found.get(ruleIndex);
      if (known?.persons === null) continue;
      const answer = match(host);
      if (answer === true) found.set(ruleIndex, candidate);
      else if (answer !== false) found.set(ruleIndex, { rule: candidate.rule, persons: [...(known?.persons ?? []), answer] });
    }
    return untilUnconditional([...found.values()].sort((a, b) => a.rule.decision.ruleIndex - b.rule.decision.ruleIndex));
  }

  *#settled(host: string): Iterable<Candidate> {
    yield* this.#everyHost;
    yield* this.#exact.get(host) ?? [];
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) yield* this.#below.get(host.slice(dot + 1)) ?? [];
  }
}

function append(map: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [candidate]);
  else list.push(candidate);
}

function untilUnconditional(candidates: readonly Candidate[]): readonly Candidate[] {
  const last = candidates.findIndex(isUnconditional);
  return last < 0 ? candidates : candidates.slice(0, last + 1);
}

function isUnconditional({ rule, persons }: Candidate): boolean {
  const { methods, networks, resources, subjects, query } = rule;
  return [persons, methods, networks, resources, subjects, query].every((criterion) => criterion === null);
}
