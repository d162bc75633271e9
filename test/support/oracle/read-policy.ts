import type { Condition, OraclePolicy, PolicyName, Rule } from './decision.js';

type Tree = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const texts = (value: unknown): readonly string[] => list(value).map(String);

/** An `access_control` and `definitions.network` as people write them: a text stands for a list of one (reference 2.1). */
export function readPolicy(accessControl: unknown, networks: unknown): OraclePolicy {
  const { default_policy: written, rules = [] } = accessControl as { default_policy?: string | null; rules?: readonly Tree[] };
  return {
    // Nothing behind the key is no policy: reference 2.8.
    default_policy: (written === null || written === undefined || written === '' ? 'deny' : written) as PolicyName,
    rules: rules.map(readRule),
    network: Object.fromEntries(Object.entries((networks ?? {}) as Tree).map(([name, value]) => [name, texts(value)])),
  };
}

function readRule(written: Tree): Rule {
  const given = (name: string): readonly string[] | undefined => (written[name] === undefined ? undefined : texts(written[name]));
  const criteria = {
    domain: given('domain'),
    domain_regex: given('domain_regex'),
    networks: given('networks'),
    methods: given('methods')?.map((method) => method.toUpperCase()),
    resources: given('resources'),
    // The outer list is an or; of an inner one every part must hold, and a part that stands alone is such a list of one.
    subject: written['subject'] === undefined ? undefined : list(written['subject']).map(texts),
    query: written['query'] === undefined ? undefined : groups(list(written['query'])),
  };
  return { policy: written['policy'] as PolicyName, ...Object.fromEntries(Object.entries(criteria).filter(([, value]) => value !== undefined)) };
}

function groups(written: readonly unknown[]): readonly (readonly Condition[])[] {
  const isFlat = written.every((each) => !Array.isArray(each));
  return (isFlat ? [written] : written.map(list)).map((group) => group.map((each) => withOperator(each as Partial<Condition> & { key: string })));
}

const withOperator = (condition: Partial<Condition> & { key: string }): Condition => ({
  operator: condition.value === undefined ? 'present' : 'equal',
  ...condition,
});
