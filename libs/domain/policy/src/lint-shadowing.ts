import { coversCriteria, readCriteria, type Criteria } from './lint-criteria.js';
import { DomainCoverage, type DomainEntry } from './lint-domains.js';
import type { ShadowedRule, SuggestedRule } from './policy-warning.js';
import { nameAdmitted, nameDomains, nameRule, nameSubjects, ruleToYaml, startWithRule } from './rule-text.js';
import { strictnessOf } from './strictness.js';
import type { PolicySource, Rule } from './types.js';

/** Rules that can never match, or never on some of their domains, because rules above them do; `domains` are the entries of each rule. */
export function findShadowedRules(source: PolicySource, domains: readonly (readonly DomainEntry[])[]): readonly ShadowedRule[] {
  const above = new DomainCoverage();
  const criteria = source.rules.map((rule) => readCriteria(rule, source.networks));
  return source.rules.flatMap((rule, ruleIndex) => {
    const entries = domains[ruleIndex] ?? [];
    const covers = entries.map((entry) => ({ entry, by: findCover(above.covering(entry), criteria, ruleIndex) }));
    above.add(ruleIndex, entries);
    const covered = covers.filter(({ by }) => by !== undefined);
    if (covered.length === 0) return [];
    const shadowedBy = [...new Set(covered.flatMap(({ by }) => by ?? []))].sort((a, b) => a - b);
    const unreached = narrowTo(
      rule,
      covered.map(({ entry }) => entry),
    );
    return [describe(source, ruleIndex, unreached, covered.length === covers.length, shadowedBy)];
  });
}

/** The first of the rules that matches whatever the one of `ruleIndex` would match on their hosts. */
function findCover(candidates: readonly number[], criteria: readonly Criteria[], ruleIndex: number): number | undefined {
  const inner = criteria[ruleIndex];
  return candidates.find((index) => {
    const outer = criteria[index];
    return outer !== undefined && inner !== undefined && coversCriteria(outer, inner);
  });
}

function narrowTo(rule: Rule, entries: readonly DomainEntry[]): Rule {
  const values = (kind: 'domain' | 'regex') => entries.flatMap((entry) => (entry?.kind === kind ? [entry.value] : []));
  return { ...rule, domains: values('domain'), domainRegex: values('regex') };
}

function describe({ rules }: PolicySource, ruleIndex: number, unreached: Rule, isWhole: boolean, shadowedBy: readonly number[]): ShadowedRule {
  const shadows = shadowedBy.flatMap((index) => (rules[index] === undefined ? [] : [{ rule: rules[index], ruleIndex: index }]));
  const openers = shadows.filter((shadow) => letsMoreIn(shadow.rule, unreached));
  const suggestedOrder = suggestOrder(unreached, ruleIndex, shadows);
  return {
    kind: 'shadowed',
    severity: openers.length > 0 ? 'danger' : 'notice',
    ruleIndex,
    place: '',
    domains: [...unreached.domains, ...unreached.domainRegex],
    isWhole,
    shadowedBy,
    suggestedOrder,
    text: [
      `${startWithRule(rules[ruleIndex] ?? unreached, ruleIndex)} is never reached${isWhole ? '' : ` for ${nameDomains(unreached)}`}: ` +
        `${shadows.map((shadow) => nameRule(shadow.rule, shadow.ruleIndex)).join(' and ')} above it matches first, and the first match counts.`,
      ...openers.slice(0, 1).map((opener) => consequence(opener.rule, unreached)),
    ].join('\n'),
    fix: [
      'the order that was probably meant:',
      ...suggestedOrder.map(
        ({ rule, ruleIndex: index }) => `${ruleToYaml(rule)}  # ${index === null ? 'to add: nobody else' : `rule #${index + 1} today`}`,
      ),
    ].join('\n'),
  };
}

/** The rule above asks for less, or for nobody in particular where the one below names people. */
function letsMoreIn(above: Rule, below: Rule): boolean {
  if (above.policy === 'deny') return false;
  return strictnessOf(below.policy) > strictnessOf(above.policy) || (above.subjects.length === 0 && below.subjects.length > 0);
}

function consequence(above: Rule, below: Rule): string {
  const admitted = above.subjects.length > 0 ? `Whoever is ${nameSubjects(above)}` : `As it stands, ${nameAdmitted(above.policy)}`;
  const meant = below.policy === 'deny' ? 'nobody was meant to' : `${below.policy} was asked for`;
  return `${admitted} opens ${nameDomains(below)}; ${below.subjects.length > 0 && below.policy !== 'deny' ? `only ${nameSubjects(below)} was meant to` : meant}.`;
}

/** The narrow rule first; where it names people, the wide one would still let the others in, so they are kept out between. */
function suggestOrder(
  unreached: Rule,
  ruleIndex: number,
  shadows: readonly { readonly rule: Rule; readonly ruleIndex: number }[],
): readonly SuggestedRule[] {
  const needsDenial = unreached.subjects.length > 0 && unreached.policy !== 'deny' && shadows.some(({ rule }) => letsMoreIn(rule, unreached));
  const denial: Rule = { ...unreached, subjects: [], policy: 'deny' };
  return [{ rule: unreached, ruleIndex }, ...(needsDenial ? [{ rule: denial, ruleIndex: null }] : []), ...shadows];
}
