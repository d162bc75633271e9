import type { Policy, QueryCondition, Rule } from '@portcullis/domain-policy';
import { z } from 'zod';
import { text, texts } from './raw.js';
import type { Report } from './report.js';

export const rawRule = z.object({
  domain: texts,
  domain_regex: texts,
  policy: text,
  subject: z.unknown().optional(),
  networks: texts,
  methods: texts,
  resources: texts,
  query: z.unknown().optional(),
});
type RawRule = z.output<typeof rawRule>;

const POLICIES = ['bypass', 'one_factor', 'two_factor', 'deny'] as const;
const METHODS = 'GET HEAD POST PUT PATCH DELETE TRACE CONNECT OPTIONS COPY LOCK MKCOL MOVE PROPFIND PROPPATCH UNLOCK'.split(' ');
const OPERATORS = ['present', 'absent', 'equal', 'not equal', 'pattern', 'not pattern'] as const;

/** `rule #2 (domain 'a.example.com')`, as people count them. */
export function ruleName(index: number, domains: readonly string[] = []): string {
  const plural = domains.length === 1 ? 'domain' : 'domains';
  return domains.length === 0 ? `rule #${index + 1}` : `rule #${index + 1} (${plural} '${domains.join("', '")}')`;
}

export function readPolicy(value: string): Policy | undefined {
  return POLICIES.find((policy) => policy === value);
}

/** One entry of `access_control.rules` as the policy takes it; what only the policy can judge (patterns, networks) is left to it. */
export function readRule(raw: RawRule, index: number, report: Report): Rule {
  const path = `access_control.rules[${index}]`;
  const domains = (raw.domain ?? []).map((domain) => domain.trim().toLowerCase());
  const name = ruleName(index, domains);
  const policy = readPolicy(raw.policy ?? '');
  if (policy === undefined) {
    const message = raw.policy === undefined ? `${name}: policy is required` : `${name}: '${raw.policy}' is not one of ${POLICIES.join(', ')}`;
    report.error(`${path}.policy`, message, `write one of ${POLICIES.join(', ')}`);
  }
  checkDomains(raw, domains, policy, name, path, report);
  checkFilled(raw, name, path, report);
  return {
    policy: policy ?? 'deny',
    domains,
    domainRegex: raw.domain_regex ?? [],
    subjects: readSubjects(raw.subject, name, `${path}.subject`, report),
    networks: raw.networks ?? [],
    methods: readMethods(raw.methods ?? [], name, `${path}.methods`, report),
    resources: raw.resources ?? [],
    query: readQuery(raw.query, name, `${path}.query`, report),
  };
}

/** Spaces around a name are taken away; any other white space, and what has no shape at all, would be part of a name that nobody has. */
const UNSEEN = /[^\S ]|[\p{Cc}\p{Cf}]/u;
const SPACE_WITHIN = /\S \S/u;
const TYPE_ANEW = 'type it anew: such characters come along when one copies';

function checkDomains(raw: RawRule, domains: readonly string[], policy: Policy | undefined, name: string, path: string, report: Report): void {
  if (domains.length + (raw.domain_regex ?? []).length > 0) {
    if (domains.includes('')) report.error(`${path}.domain`, `${name}: a domain is empty`, 'write the domain');
    if (raw.domain?.some((domain) => UNSEEN.test(domain) || SPACE_WITHIN.test(domain)) === true)
      report.error(`${path}.domain`, `${name}: a domain holds a space or a character that cannot be seen`, TYPE_ANEW);
  } else if (raw.domain !== undefined || raw.domain_regex !== undefined) {
    report.error(`${path}.domain`, `${name}: domain is empty`, "write the domain, or '*.example.com' for all");
  } else if (policy === 'bypass') {
    report.error(path, `${name}: a bypass rule must name its domain, or every site would be open`, "write for instance domain: '*.example.com'");
  } else {
    report.warning(path, `${name} names no domain: it matches every site`, "write domain: '*.example.com' to say so");
  }
}

/** An empty list would match nothing to one reader and everything to another. */
function checkFilled(raw: RawRule, name: string, path: string, report: Report): void {
  for (const criterion of ['networks', 'methods', 'resources'] as const)
    if (raw[criterion]?.length === 0)
      report.error(`${path}.${criterion}`, `${name}: ${criterion} is empty`, `write what it is to match, or take ${criterion} out`);
}

function readMethods(written: readonly string[], name: string, path: string, report: Report): readonly string[] {
  const methods = written.map((method) => method.trim().toUpperCase());
  methods.forEach((method, index) => {
    if (!METHODS.includes(method))
      report.error(path, `${name}: '${written[index] ?? ''}' is not one of the methods ${METHODS.join(', ')}`, 'correct or remove it');
    if (methods.indexOf(method) !== index) report.error(path, `${name}: the method ${method} is there twice`, 'remove one');
  });
  return methods;
}

/** A text or a flat list is one subject (of one part) each; a list within the list joins its parts by and. */
function readSubjects(value: unknown, name: string, path: string, report: Report): readonly (readonly string[])[] {
  if (value === undefined) return [];
  const outer: readonly unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  if (outer.length === 0) report.error(path, `${name}: subject is empty`, 'write for instance group:admins, or take subject out');
  return outer.map((entry) => {
    const parts: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
    if (parts.length === 0) report.error(path, `${name}: a list of subjects is empty`, 'write for instance [group:admins]');
    return parts.map((part) => readSubject(part, name, path, report));
  });
}

function readSubject(part: unknown, name: string, path: string, report: Report): string {
  const subject = typeof part === 'string' ? part.trim() : '';
  if (typeof part === 'string' && UNSEEN.test(part)) report.error(path, `${name}: '${subject}' holds a character that cannot be seen`, TYPE_ANEW);
  else if (/^(?:user|group):./u.test(subject)) return subject;
  else if (subject.startsWith('oauth2:client:'))
    report.error(path, `${name}: '${subject}' names a client, but there is no OpenID Connect provider yet`, 'remove it');
  else report.error(path, `${name}: '${typeof part === 'string' ? part : JSON.stringify(part)}' is no subject`, 'write user:NAME or group:NAME');
  return subject;
}

const condition = z.strictObject({ key: z.unknown().optional(), operator: z.unknown().optional(), value: z.unknown().optional() }).partial();

/** A flat list is one group, joined by and. */
function readQuery(value: unknown, name: string, path: string, report: Report): readonly (readonly QueryCondition[])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0) {
    report.error(path, `${name}: query is a list of conditions`, 'write for instance query: [{key: token, operator: present}]');
    return [];
  }
  const groups: readonly (readonly unknown[])[] = value.every((entry) => !Array.isArray(entry)) ? [value] : value.map(asList);
  return groups.map((group) => group.flatMap((entry) => readCondition(entry, name, path, report)));
}

function asList(entry: unknown): readonly unknown[] {
  return Array.isArray(entry) ? entry : [entry];
}

function readCondition(entry: unknown, name: string, path: string, report: Report): QueryCondition[] {
  const failed = (message: string, fix: string): QueryCondition[] => {
    report.error(path, `${name}: ${message}`, fix);
    return [];
  };
  const parsed = condition.safeParse(entry);
  if (!parsed.success)
    return failed('a query condition has only key, operator and value', 'write for instance {key: token, operator: equal, value: abc}');
  const { key, operator: written, value } = parsed.data;
  if (typeof key !== 'string' || key === '') return failed('a query condition has no key', 'name the parameter in key');
  const operator = OPERATORS.find((known) => known === (written ?? (value === undefined ? 'present' : 'equal')));
  if (operator === undefined)
    return failed(`the operator '${String(written)}' of query ${key} is not one of ${OPERATORS.join(', ')}`, `write one of ${OPERATORS.join(', ')}`);
  if (operator === 'present' || operator === 'absent') {
    return value === undefined ? [{ key, operator }] : failed(`the operator '${operator}' of query ${key} takes no value`, 'remove value');
  }
  if (value === undefined) return failed(`the operator '${operator}' of query ${key} needs a value`, 'add value');
  return typeof value === 'string'
    ? [{ key, operator, value }]
    : failed(`the value of query ${key} must be a text`, `write ${JSON.stringify(value)} in quotes`);
}
