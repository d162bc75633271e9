import type { Policy, Rule } from './types.js';

/** `Rule #2 (admin.example.com)`, to begin a sentence. */
export function startWithRule(rule: Rule, ruleIndex: number): string {
  return `R${nameRule(rule, ruleIndex).slice(1)}`;
}

/** `rule #2 (admin.example.com)`, counted from 1 as people count. */
export function nameRule(rule: Rule, ruleIndex: number): string {
  return `rule #${ruleIndex + 1} (${nameDomains(rule)})`;
}

export function nameDomains({ domains, domainRegex }: Rule): string {
  return [...domains, ...domainRegex].join(', ') || 'every host';
}

/** `group:admins or user:alice with group:staff`. */
export function nameSubjects({ subjects }: Rule): string {
  return subjects.map((all) => all.join(' with ')).join(' or ');
}

/** Who gets in by a rule that asks for nobody in particular. */
export function nameAdmitted(policy: Policy): string {
  const admitted: Readonly<Record<Policy, string>> = {
    bypass: 'everybody, without signing in,',
    one_factor: 'everybody who signs in',
    two_factor: 'everybody who signs in with two factors',
    deny: 'nobody',
  };
  return admitted[policy];
}

/** The rule as one line of YAML to paste. */
export function ruleToYaml(rule: Rule): string {
  const entries: readonly (readonly [string, readonly unknown[]])[] = [
    ['domain', rule.domains],
    ['domain_regex', rule.domainRegex],
    ['resources', rule.resources],
    ['methods', rule.methods],
    ['networks', rule.networks],
    ['query', rule.query],
    ['subject', rule.subjects.map((all) => (all.length === 1 ? all[0] : all))],
  ];
  const criteria = entries.filter(([, list]) => list.length > 0).map(([key, list]) => listToYaml(key, list));
  return `- { ${[...criteria, `policy: ${rule.policy}`].join(', ')} }`;
}

/** `resources: ['^/a', '^/b']`: one key of a rule to paste; a list of one is its entry. */
export function listToYaml(key: string, list: readonly unknown[]): string {
  return `${key}: ${list.length === 1 ? toYaml(list[0]) : `[${list.map(toYaml).join(', ')}]`}`;
}

/** `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** YAML 1.2 reads JSON; single quotes keep the backslashes of a pattern readable. */
function toYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toYaml).join(', ')}]`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}
