import { coversCriteria, coversDomain, domainEntries, type DomainEntry } from './coverage.js';
import type { ShadowedRule, SuggestedRule } from './policy-warning.js';
import { nameAdmitted, nameDomains, nameRule, nameSubjects, ruleToYaml, startWithRule } from './rule-text.js';
import { strictnessOf } from './strictness.js';
import type { PolicySource, Rule } from './types.js';

/** Rules that can never match, or never on some of their domains, because rules above them do. */
export function findShadowedRules(source: PolicySource): readonly ShadowedRule[] {
  const above = new RulesAbove(source);
  return source.rules.flatMap((rule, ruleIndex) => {
    const covers = domainEntries(rule).map((entry) => ({ entry, by: above.findCover(entry, rule) }));
    above.add(rule, ruleIndex);
    const covered = covers.filter(({ by }) => by !== null);
    if (covered.length === 0) return [];
    const shadowedBy = [...new Set(covered.map(({ by }) => by ?? 0))].sort((a, b) => a - b);
    const entries = covered.map(({ entry }) => entry);
    return [describe(source, ruleIndex, narrowTo(rule, entries), covered.length === covers.length, shadowedBy)];
  });
}

/** The rules seen so far, found by the domains they name. */
class RulesAbove {
  readonly #source: PolicySource;
  readonly #exact = new Map<string, number[]>();
  readonly #wide: number[] = [];

  constructor(source: PolicySource) {
    this.#source = source;
  }

  add(rule: Rule, ruleIndex: number): void {
    let isWide = rule.domains.length === 0;
    for (const domain of new Set(rule.domains.map((value) => value.toLowerCase()))) {
      if (domain.startsWith('*')) isWide = true;
      const known = this.#exact.get(domain);
      if (known === undefined) this.#exact.set(domain, [ruleIndex]);
      else known.push(ruleIndex);
    }
    if (isWide || rule.domainRegex.length > 0) this.#wide.push(ruleIndex);
  }

  /** The first rule that matches whatever `rule` would match on that entry. */
  findCover(entry: DomainEntry, rule: Rule): number | null {
    const same = entry === null ? [] : (this.#exact.get(entry.value) ?? []);
    const found = [...same, ...this.#wide].filter((index) => {
      const other = this.#source.rules[index];
      if (other === undefined) return false;
      return domainEntries(other).some((outer) => coversDomain(outer, entry)) && coversCriteria(other, rule, this.#source.networks);
    });
    return found.length === 0 ? null : Math.min(...found);
  }
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
    domains: [...unreached.domains, ...unreached.domainRegex],
    isWhole,
    shadowedBy,
    suggestedOrder,
    text: [
      `${startWithRule(rules[ruleIndex] ?? unreached, ruleIndex)} is never reached${isWhole ? '' : ` for ${nameDomains(unreached)}`}: ` +
        `${shadows.map((shadow) => nameRule(shadow.rule, shadow.ruleIndex)).join(' and ')} above it matches first, and the first match counts.`,
      ...openers.slice(0, 1).map((opener) => consequence(opener.rule, unreached)),
      'The order that was probably meant:',
      ...suggestedOrder.map(
        ({ rule, ruleIndex: index }) => `  ${ruleToYaml(rule)}  # ${index === null ? 'to add: nobody else' : `rule #${index + 1} today`}`,
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
