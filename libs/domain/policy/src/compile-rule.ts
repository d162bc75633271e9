import { compileDomain, compileDomainRegex, isPersonalDomain, type DomainMatcher } from './domain-matcher.js';
import { resolveNetworks, type Network } from './network-matcher.js';
import { compilePattern, type Pattern } from './pattern.js';
import type { PolicyProblem } from './policy-error.js';
import { compileCondition, type QueryTest } from './query-matcher.js';
import { compileSubject, type SubjectTest } from './subject-matcher.js';
import type { Decision, NetworkDefinitions, Rule } from './types.js';

/** A rule ready to be asked; a criterion it does not have is null and matches everything. */
export interface CompiledRule {
  readonly decision: Decision;
  readonly domains: readonly DomainMatcher[] | null;
  readonly methods: ReadonlySet<string> | null;
  readonly networks: readonly Network[] | null;
  readonly resources: readonly Pattern[] | null;
  /** Outer list OR, inner list AND; so is `query`. */
  readonly subjects: readonly (readonly SubjectTest[])[] | null;
  readonly query: readonly (readonly QueryTest[])[] | null;
}

type Report = (problem: PolicyProblem) => void;

/** Compiles one rule and reports everything that is wrong with it. */
export function compileRule(rule: Rule, ruleIndex: number, definitions: NetworkDefinitions, report: Report): CompiledRule {
  const each = compileEach(ruleIndex, report);
  const domains = [...rule.domains.map(compileDomain), ...each('domain_regex', rule.domainRegex, compileDomainRegex)];
  const resources = each('resources', rule.resources, compilePattern);
  const subjects = rule.subjects.map((all) => each('subject', all, compileSubject)).filter((all) => all.length > 0);
  const query = rule.query.map((all) => each('query', all, compileCondition));
  const networks = each('networks', rule.networks, (entry) => resolveNetworks(entry, definitions)).flat();
  const asksWho = subjects.length > 0 || domains.some(isPersonalDomain);
  if (rule.policy === 'bypass' && asksWho) {
    report({ ruleIndex, field: 'policy', reason: "'bypass' lets people in before they sign in, so the rule cannot ask for a user or a group" });
  }
  return {
    decision: { policy: rule.policy, ruleIndex, hasSubjects: asksWho || resources.some(({ isPersonal }) => isPersonal) },
    domains: rule.domains.length + rule.domainRegex.length === 0 ? null : domains,
    methods: rule.methods.length === 0 ? null : new Set(rule.methods.map((method) => method.toUpperCase())),
    networks: rule.networks.length === 0 ? null : networks,
    resources: orNull(resources),
    subjects: orNull(subjects),
    query: orNull(query),
  };
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Compiles a list entry by entry and turns what is thrown into problems, so that one report names them all. */
function compileEach(ruleIndex: number, report: Report): <In, Out>(field: string, entries: readonly In[], compile: (entry: In) => Out) => Out[] {
  return (field, entries, compile) =>
    entries.flatMap((entry) => {
      try {
        return [compile(entry)];
      } catch (error) {
        report({ ruleIndex, field, reason: error instanceof Error ? error.message : String(error) });
        return [];
      }
    });
}
