import { createHotCounter, type HotCounter, type LabelSet } from '@portcullis/platform-telemetry';
import { type CompiledPolicy, type Decision, namedHosts, type Policy } from '@portcullis/domain-policy';
import type { Registry } from 'prom-client';

/** What a decision came to. A request that is refused before anybody decides is not among them. */
const OUTCOMES = ['allowed', 'sign_in', 'challenged', 'forbidden', 'unavailable'] as const;
export type DecisionOutcome = (typeof OUTCOMES)[number];

const POLICIES = ['bypass', 'one_factor', 'two_factor', 'deny'] as const satisfies readonly Policy[];

/** Beyond so many rules and hosts the rest is `other`: a scrape stays small however long the list of rules is. */
const MOST_NAMED = 200;
/** The rows before the named ones. */
const OTHER = 0;
const DEFAULT_RULE = 1;
const FIRST_RULE = 2;
const MOST_ROWS = MOST_NAMED + FIRST_RULE;

const indexOf = <K extends string>(names: readonly K[]): Readonly<Record<K, number>> =>
  Object.fromEntries(names.map((name, index) => [name, index])) as Record<K, number>;
const OUTCOME_INDEX = indexOf(OUTCOMES);
const POLICY_INDEX = indexOf(POLICIES);

const withOutcomes = (label: LabelSet): LabelSet[] => OUTCOMES.map((outcome) => ({ ...label, outcome }));

/**
 * Decisions by policy, by rule and by protected host. Hosts are those that rules spell out: a visitor can make up any number of others below a
 * wildcard. Rules are told by their place, as in the log: after a reload `#3` is the third rule of the new list.
 */
export class DecisionMeter {
  readonly #policies: HotCounter;
  readonly #rules: HotCounter;
  readonly #hosts: HotCounter;
  readonly #ruleLabels: LabelSet[] = [...withOutcomes({ rule: 'other' }), ...withOutcomes({ rule: 'default' })];
  readonly #hostLabels: LabelSet[] = withOutcomes({ host: 'other' });
  readonly #hostRows = new Map<string, number>();

  constructor(registry: Registry, policy: CompiledPolicy) {
    const capacity = MOST_ROWS * OUTCOMES.length;
    this.#policies = createHotCounter({
      registry,
      name: 'portcullis_decisions_by_policy_total',
      help: 'Decisions by the policy in force.',
      labels: POLICIES.flatMap((name) => withOutcomes({ policy: name })),
    });
    this.#rules = createHotCounter({
      registry,
      name: 'portcullis_decisions_by_rule_total',
      help: 'Decisions by the rule that matched, as the log names it; other: those after the first 200.',
      labels: this.#ruleLabels,
      capacity,
    });
    this.#hosts = createHotCounter({
      registry,
      name: 'portcullis_decisions_by_host_total',
      help: 'Decisions by protected host; other: those that no rule spells out, and those after the first 200.',
      labels: this.#hostLabels,
      capacity,
    });
    this.follow(policy);
  }

  /** After a reload: what is new gets a label of its own while there are any left. What was counted stays counted. */
  follow(policy: CompiledPolicy): void {
    const rules = Math.min(policy.rules.length, MOST_NAMED);
    for (let named = this.#ruleLabels.length / OUTCOMES.length - FIRST_RULE; named < rules; named++)
      this.#ruleLabels.push(...withOutcomes({ rule: `#${named + 1}` }));
    for (const host of namedHosts(policy)) {
      if (this.#hostRows.size >= MOST_NAMED) return;
      if (this.#hostRows.has(host)) continue;
      this.#hostRows.set(host, this.#hostRows.size + 1);
      this.#hostLabels.push(...withOutcomes({ host }));
    }
  }

  count({ policy, ruleIndex }: Decision, host: string, outcome: DecisionOutcome): void {
    const at = OUTCOME_INDEX[outcome];
    this.#policies.add(POLICY_INDEX[policy] * OUTCOMES.length + at);
    this.#rules.add(ruleRow(ruleIndex) * OUTCOMES.length + at);
    this.#hosts.add((this.#hostRows.get(host) ?? OTHER) * OUTCOMES.length + at);
  }
}

function ruleRow(ruleIndex: number): number {
  if (ruleIndex < 0) return DEFAULT_RULE;
  return ruleIndex < MOST_NAMED ? ruleIndex + FIRST_RULE : OTHER;
}
