import { isInside } from './network.js';
import { firstValue, matchedPath } from './target.js';

export type PolicyName = 'bypass' | 'one_factor' | 'two_factor' | 'deny';

export interface Condition {
  readonly key: string;
  readonly operator: 'present' | 'absent' | 'equal' | 'not equal' | 'pattern' | 'not pattern';
  readonly value?: string;
}

/** As a rule is written (reference 2.1); an absent criterion matches anything. */
export interface Criteria {
  readonly domain?: readonly string[];
  readonly domain_regex?: readonly string[];
  readonly subject?: readonly (readonly string[])[];
  readonly networks?: readonly string[];
  readonly methods?: readonly string[];
  readonly resources?: readonly string[];
  readonly query?: readonly (readonly Condition[])[];
}

export interface Rule extends Criteria {
  readonly policy: PolicyName;
}

export interface OraclePolicy {
  readonly default_policy: PolicyName;
  readonly rules: readonly Rule[];
  /** `definitions.network` */
  readonly network: Readonly<Record<string, readonly string[]>>;
}

/** What is asked about: host without port, path and query as they came. */
export interface Site {
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly method: string;
  readonly ip: string;
}

export interface Person {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface Decided {
  readonly policy: PolicyName;
  /** The place of the rule that matched; null: the default policy. */
  readonly rule: number | null;
  /** Whether that rule asks who it is. */
  readonly subjects: boolean;
}

/** The first rule of which every criterion matches, else the default policy (reference 2.1). @param person null: nobody, who could be anybody */
export function decision(policy: OraclePolicy, site: Site, person: Person | null): Decided {
  for (const [index, rule] of policy.rules.entries()) {
    if (matches(rule, policy, site, person)) return { policy: rule.policy, rule: index, subjects: asksWho(rule) };
  }
  return { policy: policy.default_policy, rule: null, subjects: false };
}

function matches(rule: Rule, policy: OraclePolicy, site: Site, person: Person | null): boolean {
  return (
    inDomain(rule, site, person) &&
    inResources(rule, site, person) &&
    inQuery(rule, site) &&
    (rule.methods === undefined || rule.methods.some((method) => method.toUpperCase() === site.method)) &&
    inNetworks(rule, policy, site) &&
    isSubject(rule, person)
  );
}

function inDomain({ domain, domain_regex: patterns }: Rule, site: Site, person: Person | null): boolean {
  if (domain === undefined && patterns === undefined) return true;
  const host = site.host.toLowerCase();
  const named = (domain ?? []).some((written) => isDomain(written.toLowerCase(), host, person));
  return named || (patterns ?? []).some((pattern) => fits(pattern, host, person));
}

/** Reference 2.2. */
function isDomain(written: string, host: string, person: Person | null): boolean {
  if (written.startsWith('*.')) return host.endsWith(written.slice(1));
  for (const placeholder of ['{user}.', '{group}.']) {
    if (!written.startsWith(placeholder)) continue;
    const rest = `.${written.slice(placeholder.length)}`;
    if (person === null) return host.length > rest.length && host.endsWith(rest);
    if (placeholder === '{user}.') return host === `${person.username}${rest}`;
    const dot = host.indexOf('.');
    return dot > 0 && host.slice(dot) === rest && person.groups.some((group) => group.toLowerCase() === host.slice(0, dot));
  }
  return host === written;
}

function inResources({ resources }: Rule, site: Site, person: Person | null): boolean {
  if (resources === undefined) return true;
  const text = matchedPath(site.path, site.query);
  return resources.some((pattern) => fits(pattern, text, person));
}

/** A pattern anywhere in the text; what it captures as User or Group must be the person's (reference 2.2, 2.4). */
function fits(pattern: string, text: string, person: Person | null): boolean {
  const insensitive = pattern.startsWith('(?i)');
  const found = new RegExp(pattern.replace('(?i)', '').replaceAll('(?P<', '(?<'), insensitive ? 'iu' : 'u').exec(text);
  if (found === null) return false;
  const { User: user, Group: group } = found.groups ?? {};
  if (person === null) return true;
  if (user !== undefined && user.toLowerCase() !== person.username.toLowerCase()) return false;
  return group === undefined || person.groups.some((each) => each.toLowerCase() === group.toLowerCase());
}

function inQuery({ query }: Rule, site: Site): boolean {
  return query === undefined || query.some((group) => group.every((condition) => holds(condition, site.query)));
}

/** Reference 2.5. */
function holds({ key, operator, value = '' }: Condition, query: string): boolean {
  const given = firstValue(query, key);
  switch (operator) {
    case 'present':
      return given !== undefined;
    case 'absent':
      return given === undefined;
    case 'equal':
      return (given ?? '') === value;
    case 'not equal':
      return (given ?? '') !== value;
    case 'pattern':
      return new RegExp(value, 'u').test(given ?? '');
    case 'not pattern':
      return !new RegExp(value, 'u').test(given ?? '');
  }
}

function inNetworks({ networks }: Rule, { network }: OraclePolicy, { ip }: Site): boolean {
  return networks === undefined || networks.flatMap((each) => network[each] ?? [each]).some((each) => isInside(ip, each));
}

/** Reference 2.6: of the outer list any, of an inner one all; nobody could be anybody. */
function isSubject({ subject }: Rule, person: Person | null): boolean {
  if (subject === undefined || person === null) return true;
  return subject.some((all) => all.every((one) => is(one, person)));
}

const is = (subject: string, { username, groups }: Person): boolean =>
  subject.startsWith('user:') ? subject === `user:${username}` : groups.some((group) => subject === `group:${group}`);

/** A subject, a placeholder in a domain, or a capture of User or Group. */
const asksWho = ({ subject, domain = [], domain_regex: patterns = [], resources = [] }: Rule): boolean =>
  subject !== undefined ||
  domain.some((written) => /^\{(user|group)\}\./i.test(written)) ||
  [...patterns, ...resources].some((pattern) => /\(\?P<(User|Group)>/.test(pattern));
