import { isTiedToEnd, isTiedToStart } from './anchoring.js';
import { isEverything } from './lint-criteria.js';
import { DomainCoverage, type DomainEntry } from './lint-domains.js';
import { compilePattern } from './pattern.js';
import type { MisleadingEntry } from './policy-warning.js';
import { parsePrefixPattern } from './prefix-pattern.js';
import { nameRule, nameSubjects, ruleToYaml, startWithRule } from './rule-text.js';
import type { PolicySource, Rule } from './types.js';

/** What one rule says that does not mean what it looks like; `domains` are the entries of each rule. */
export function findMisleadingEntries(source: PolicySource, domains: readonly (readonly DomainEntry[])[]): readonly MisleadingEntry[] {
  const coverage = new DomainCoverage();
  domains.forEach((entries, ruleIndex) => {
    coverage.add(ruleIndex, entries);
  });
  return source.rules.flatMap((rule, ruleIndex) => [
    ...rule.domains.flatMap((domain) => lintDomain(domain, rule, ruleIndex)),
    ...rule.resources.flatMap((pattern) => lintResource(pattern, rule, ruleIndex)),
    ...lintRest(source, coverage, domains[ruleIndex] ?? [], rule, ruleIndex),
  ]);
}

function lintDomain(entry: string, rule: Rule, ruleIndex: number): readonly MisleadingEntry[] {
  const host = entry.replace(/^(?:\*\.|\{user\}|\{group\})/i, '');
  if (/^[\w.:-]+$/.test(host) && !host.endsWith('.')) return [];
  const meant = /^\*[\w.-]+$/.test(entry) ? `; '*.${entry.slice(1)}' was probably meant` : '';
  const everything = entry === '*' ? '; leave the domain out to match every host' : '';
  const text = `${startWithRule(rule, ruleIndex)}: domain '${entry}' matches no host${meant}${everything}.`;
  return [{ kind: 'ineffective-domain', severity: rule.policy === 'bypass' ? 'notice' : 'danger', ruleIndex, entry, text }];
}

function lintResource(entry: string, rule: Rule, ruleIndex: number): readonly MisleadingEntry[] {
  const warn = (kind: MisleadingEntry['kind'], isDangerous: boolean, text: string): readonly MisleadingEntry[] => [
    { kind, severity: isDangerous ? 'danger' : 'notice', ruleIndex, entry, text: `${startWithRule(rule, ruleIndex)}: resources '${entry}' ${text}` },
  ];
  const isClosing = rule.policy === 'deny' || rule.policy === 'two_factor' || rule.subjects.length > 0;
  if (rule.policy === 'bypass' && compilePattern(entry).isPersonal) {
    return warn('personal-bypass', true, 'names a person, but bypass opens it to everybody before anyone signs in.');
  }
  if (isEverything(entry)) return [];
  if (!isTiedToStart(entry)) {
    const text = 'is found anywhere, in a query string too: any address followed by';
    return warn('loose-start', !isClosing, `${text} '?x=…' with that text matches.${suggest(entry)}`);
  }
  if (!isTiedToEnd(entry)) return warn('loose-end', false, `also matches addresses that only begin so.${suggest(entry)}`);
  const shape = parsePrefixPattern(entry);
  if (isClosing && (shape?.tail === 'exact' || shape?.tail === 'belowSlash')) {
    return warn('query-escapes', true, `does not match '${shape.prefix}?x=1', so a query string evades the rule.${suggest(`^${shape.prefix}`)}`);
  }
  return [];
}

/** Only for a plain path, where the likely meaning is plain too. */
function suggest(entry: string): string {
  const path = /^\^?(\/[\w/-]*?)\/?\$?$/.exec(entry)?.[1];
  return path === undefined || path === '' ? '' : ` Probably meant: '^${path}([/?].*)?$'.`;
}

/** A rule that opens some paths of a site to some people, on a site where nothing else opens at all. */
function lintRest(
  { rules, defaultPolicy }: PolicySource,
  coverage: DomainCoverage,
  entries: readonly DomainEntry[],
  rule: Rule,
  ruleIndex: number,
): readonly MisleadingEntry[] {
  if (rule.policy === 'deny' || rule.subjects.length === 0 || rule.resources.length === 0 || rule.resources.some(isEverything)) return [];
  return entries.flatMap((entry) => {
    const covering = coverage.covering(entry);
    if (entry === null || covering.some((index) => index !== ruleIndex && rules[index]?.policy !== 'deny')) return [];
    const first = covering.find((index) => index !== ruleIndex);
    if (first === undefined && defaultPolicy !== 'deny') return [];
    const denier = first === undefined ? 'the default policy' : nameRule(rules[first] ?? rule, first);
    const text =
      `${startWithRule(rule, ruleIndex)} opens only the paths ${rule.resources.join(', ')}: the rest of ${entry.value} is denied by ${denier}, ` +
      `for ${nameSubjects(rule)} too. To open the rest to everybody who signs in, add below it:\n` +
      `  ${ruleToYaml({ ...rule, resources: [], subjects: [] })}`;
    return [{ kind: 'rest-denied' as const, severity: 'notice' as const, ruleIndex, entry: entry.value, text }];
  });
}
