import type { PolicyError, PolicyProblem, PolicySource, PolicyWarning, Rule } from '@portcullis/domain-policy';
import { z } from 'zod';
import { flag, text, texts } from './raw.js';
import type { Report } from './report.js';
import { rawRule, readPolicy, readRule, ruleName } from './rule.js';
import { defineSection, type Section } from './section.js';
import type { AccessControlConfiguration } from './values.js';

const schema = z.object({
  access_control: z
    .object({
      default_policy: text,
      watch: flag,
      networks: z.array(z.object({ name: text, networks: texts })).optional(),
      rules: z.array(rawRule).optional(),
    })
    .optional(),
  definitions: z.object({ network: z.record(z.string(), texts).optional() }).optional(),
});
type Raw = z.output<typeof schema>;

/** What the policy itself knows about rules: the two of domain-policy, handed in by the application. */
export interface PolicyChecks {
  /** Throws a PolicyError that names every problem. */
  readonly compilePolicy: (source: PolicySource) => unknown;
  /** What is valid and most likely not meant; left out where nobody reads the warnings. */
  readonly lintPolicy?: (source: PolicySource) => readonly PolicyWarning[];
}

/** `access_control` and `definitions.network`, ready to be compiled. */
export function accessControlSection(checks: PolicyChecks): Section<AccessControlConfiguration> {
  return defineSection(schema, (raw, report) => {
    const control = raw.access_control ?? {};
    const errorsBefore = report.errorCount;
    const rules = (control.rules ?? []).map((rule, index) => readRule(rule, index, report));
    const source = { defaultPolicy: readDefaultPolicy(control.default_policy, rules.length, report), rules, networks: readNetworks(raw, report) };
    checkPolicy(source, checks, report);
    if (report.errorCount === errorsBefore) warnOfPolicy(source, checks, report);
    return { ...source, watch: control.watch ?? true };
  });
}

function readDefaultPolicy(written: string | undefined, ruleCount: number, report: Report) {
  const path = 'access_control.default_policy';
  const policy = written === undefined || written === '' ? 'deny' : readPolicy(written);
  if (policy === undefined) report.error(path, `'${written ?? ''}' is not one of bypass, one_factor, two_factor, deny`, 'write deny');
  else if (ruleCount === 0 && (policy === 'deny' || policy === 'bypass')) {
    report.error(
      path,
      `there are no rules, and the default policy '${policy}' would ${policy === 'deny' ? 'shut everybody out' : 'let everybody in'}`,
      'write two_factor or one_factor, or add access_control.rules',
    );
  } else if (ruleCount === 0)
    report.warning(
      path,
      `there are no rules: the default policy '${policy}' applies to everything`,
      'add access_control.rules, if that is not meant',
    );
  return policy ?? 'deny';
}

function readNetworks(raw: Raw, report: Report): Record<string, readonly string[]> {
  const networks = new Map<string, readonly string[]>();
  for (const [name, entries = []] of Object.entries(raw.definitions?.network ?? {})) networks.set(name, entries);
  (raw.access_control?.networks ?? []).forEach(({ name = '', networks: entries = [] }, index) => {
    const path = `access_control.networks[${index}]`;
    if (name === '') report.error(`${path}.name`, `${path}.name is required`, 'name the network');
    else if (networks.has(name)) report.error(`${path}.name`, `the network '${name}' is defined twice`, 'remove one, here or in definitions.network');
    else networks.set(name, entries);
  });
  return Object.fromEntries(networks);
}

function checkPolicy(source: PolicySource, { compilePolicy }: PolicyChecks, report: Report): void {
  const ofDefinitions = new Set<string>();
  for (const name of Object.keys(source.networks)) {
    for (const { reason } of problemsOf({ ...source, rules: [onlyInNetwork(name)] }, compilePolicy)) {
      ofDefinitions.add(reason);
      report.error(`definitions.network.${name}`, `the network '${name}': ${reason}`, 'write for instance 10.0.0.0/8');
    }
  }
  for (const { ruleIndex, field, reason } of problemsOf(source, compilePolicy)) {
    if (ofDefinitions.has(reason)) continue;
    const rule = source.rules[ruleIndex];
    const path = `access_control.rules[${ruleIndex}].${field}${placeIn(rule, field, reason)}`;
    report.error(path, `${ruleName(ruleIndex, rule?.domains)}: ${reason}`, FIXES[field]);
  }
}

/** `[1]` where the reason quotes the second entry of the list. */
function placeIn(rule: Rule | undefined, field: string, reason: string): string {
  const entries = { resources: rule?.resources, domain_regex: rule?.domainRegex, networks: rule?.networks }[field] ?? [];
  const index = entries.findIndex((entry) => reason.includes(`'${entry}'`));
  return index === -1 ? '' : `[${index}]`;
}

const FIXES: Readonly<Record<string, string>> = {
  resources: "correct the pattern; a path and all below it is '^/admin([/?].*)?$'",
  domain_regex: "correct the pattern, such as '^app-\\d+\\.example\\.com$'",
  networks: 'write an address, a network such as 10.0.0.0/8, or a name of definitions.network',
  policy: 'write one_factor or two_factor, or take the person out of the rule',
};

/** Asks for a network and for nothing else, so that one which no rule uses is checked too. */
const onlyInNetwork = (name: string): Rule => ({
  policy: 'deny',
  domains: [],
  domainRegex: [],
  subjects: [],
  networks: [name],
  methods: [],
  resources: [],
  query: [],
});

function problemsOf(source: PolicySource, compilePolicy: PolicyChecks['compilePolicy']): readonly PolicyProblem[] {
  try {
    compilePolicy(source);
    return [];
  } catch (cause) {
    if (isPolicyError(cause)) return cause.problems;
    throw cause;
  }
}

function isPolicyError(cause: unknown): cause is PolicyError {
  return cause instanceof Error && 'code' in cause && cause.code === 'policy_invalid';
}

/** Only of rules without an error: what a broken rule shadows nobody knows. */
function warnOfPolicy(source: PolicySource, { lintPolicy }: PolicyChecks, report: Report): void {
  for (const { ruleIndex, place, text: message, fix } of lintPolicy?.(source) ?? []) {
    report.warning(`access_control.rules[${ruleIndex}]${place === '' ? '' : `.${place}`}`, message, fix === '' ? undefined : fix);
  }
}
