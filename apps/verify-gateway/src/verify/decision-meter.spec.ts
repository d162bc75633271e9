import { compilePolicy, decide, type Rule } from '@portcullis/domain-policy';
import { createRegistry } from '@portcullis/platform-telemetry';
import { describe, expect, it } from 'vitest';
import { DecisionMeter } from './decision-meter.js';

const rule = (domain: string, policy: Rule['policy'] = 'one_factor'): Rule => ({
  ...{ policy, domains: [domain], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [] },
});
const compile = (...rules: readonly Rule[]) => compilePolicy({ defaultPolicy: 'deny', rules, networks: {} });

function world(...rules: readonly Rule[]) {
  const registry = createRegistry({ service: 'verify-gateway', version: '0' });
  const policy = compile(...rules);
  const meter = new DecisionMeter(registry, policy);
  const ask = (host: string, on = policy): void => {
    meter.count(decide(on, { host, path: '/', query: '', method: 'GET', ip: null }, null), host, 'sign_in');
  };
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^portcullis_decisions.* [1-9]\d*$/.test(line));
  return { registry, meter, ask, lines };
}

describe('decisions', () => {
  it('are counted by policy, by rule as the log names it, and by host', async () => {
    const { ask, lines } = world(rule('one.example.com'), rule('two.example.com', 'two_factor'));
    ask('two.example.com');
    ask('nobody.example.com');
    expect(await lines()).toEqual([
      'portcullis_decisions_by_policy_total{policy="two_factor",outcome="sign_in"} 1',
      'portcullis_decisions_by_policy_total{policy="deny",outcome="sign_in"} 1',
      'portcullis_decisions_by_rule_total{rule="default",outcome="sign_in"} 1',
      'portcullis_decisions_by_rule_total{rule="#2",outcome="sign_in"} 1',
      'portcullis_decisions_by_host_total{host="other",outcome="sign_in"} 1',
      'portcullis_decisions_by_host_total{host="two.example.com",outcome="sign_in"} 1',
    ]);
  });

  it('of hosts that visitors make up below a wildcard are one row, however many they are', async () => {
    const { ask, lines, registry } = world(rule('*.example.com'));
    for (let made = 0; made < 1000; made++) ask(`made-up-${made}.example.com`);
    expect(await lines()).toContain('portcullis_decisions_by_host_total{host="other",outcome="sign_in"} 1000');
    expect(await registry.metrics()).not.toContain('made-up');
  });

  it('after the 200th rule and the 200th host are other', async () => {
    const { ask, lines } = world(...Array.from({ length: 205 }, (_, index) => rule(`h${index + 1}.example.com`)));
    for (const host of ['h200.example.com', 'h201.example.com', 'h205.example.com']) ask(host);
    expect((await lines()).filter((line) => !line.includes('by_policy'))).toEqual([
      'portcullis_decisions_by_rule_total{rule="other",outcome="sign_in"} 2',
      'portcullis_decisions_by_rule_total{rule="#200",outcome="sign_in"} 1',
      'portcullis_decisions_by_host_total{host="other",outcome="sign_in"} 2',
      'portcullis_decisions_by_host_total{host="h200.example.com",outcome="sign_in"} 1',
    ]);
  });

  it('go on being counted over a reload, and a host that is new gets a row of its own', async () => {
    const { ask, lines, meter } = world(rule('old.example.com'));
    ask('old.example.com');
    const next = compile(rule('new.example.com'), rule('old.example.com'));
    meter.follow(next);
    ask('new.example.com', next);
    ask('old.example.com', next);
    expect((await lines()).filter((line) => line.includes('by_host'))).toEqual([
      'portcullis_decisions_by_host_total{host="old.example.com",outcome="sign_in"} 2',
      'portcullis_decisions_by_host_total{host="new.example.com",outcome="sign_in"} 1',
    ]);
  });
});
