import { compilePolicy, decide, decideStrictest, type Decision, readPath, type Rule as CompiledRule } from '@portcullis/domain-policy';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { random } from '../support/index.js';
import { answerOf, decision, type OraclePolicy, type Person, type Rule, type Site } from '../support/oracle/index.js';
import { oddSite, person, policy, site } from './random-policies.js';

/** Each with several requests and people: 100,000 decisions and more in a full run. */
const RUNS = random.full ? 100_000 : 5000;
const options = { seed: random.seed, numRuns: RUNS };
console.info(`The seed of these policies: ${random.seed}`);

const compiledRule = (rule: Rule): CompiledRule => ({
  policy: rule.policy,
  domains: (rule.domain ?? []).map((domain) => domain.toLowerCase()),
  domainRegex: rule.domain_regex ?? [],
  subjects: rule.subject ?? [],
  networks: rule.networks ?? [],
  methods: rule.methods ?? [],
  resources: rule.resources ?? [],
  query: rule.query ?? [],
});

function gateDecision(source: OraclePolicy, asked: Site, who: Person | null): Decision | null {
  const compiled = compilePolicy({ defaultPolicy: source.default_policy, rules: source.rules.map(compiledRule), networks: source.network });
  const path = readPath(Buffer.from(asked.path).toString('latin1'));
  if (path === null) return null;
  const request = { ...asked, path: path.path };
  return path.otherPaths.length === 0 ? decide(compiled, request, who) : decideStrictest(compiled, request, path.otherPaths, who);
}

it('every decision is the one that the reference gives', { timeout: 600_000 }, () => {
  const asked = fc.array(fc.tuple(site, person), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(policy, asked, (source, questions) => {
      for (const [where, who] of questions) {
        const { policy: name, rule, subjects } = decision(source, where, who);
        expect(gateDecision(source, where, who)).toEqual({ policy: name, ruleIndex: rule ?? -1, hasSubjects: subjects });
      }
    }),
    options,
  );
});

it('a path or query that can be read in several ways opens nothing that the reference keeps closed', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(policy, oddSite, person, (source, where, who) => {
      const given = gateDecision(source, where, who);
      if (given === null) return;
      const right = decision(source, where, who);
      for (const level of [0, 1, 2] as const) {
        const gate = answerOf({ policy: given.policy, rule: null, subjects: given.hasSubjects }, level);
        if (gate === 'in') expect(answerOf(right, level)).toBe('in');
      }
    }),
    options,
  );
});
