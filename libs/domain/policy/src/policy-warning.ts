import type { Rule } from './types.js';

/** `danger`: people get in whom the author most likely meant to keep out. */
export type Severity = 'danger' | 'notice';

interface Warning {
  readonly severity: Severity;
  /** The rule it is about, from 0. */
  readonly ruleIndex: number;
  /** Complete, for a person: numbers count from 1, and the likely cure is in it. */
  readonly text: string;
}

/** A rule of the suggested order; `ruleIndex` is null for one to add. */
export interface SuggestedRule {
  readonly rule: Rule;
  readonly ruleIndex: number | null;
}

/** The rule is never reached, or never for some of its domains, because rules above it match first. */
export interface ShadowedRule extends Warning {
  readonly kind: 'shadowed';
  /** The entries of `domain` and `domain_regex` that are never reached; empty for a rule on every host. */
  readonly domains: readonly string[];
  /** All of the rule, not only some of its domains. */
  readonly isWhole: boolean;
  readonly shadowedBy: readonly number[];
  /** Only the rules concerned, in the order that was probably meant. */
  readonly suggestedOrder: readonly SuggestedRule[];
}

/** One pattern or domain that does not mean what it looks like. */
export interface MisleadingEntry extends Warning {
  /**
   * `loose-start`: found anywhere in the path or query. `loose-end`: the path may go on. `query-escapes`: a query string
   * evades the rule. `rest-denied`: nothing but these paths opens. `ineffective-domain`: matches no host.
   * `personal-bypass`: open to everybody although it names a person.
   */
  readonly kind: 'loose-start' | 'loose-end' | 'query-escapes' | 'rest-denied' | 'ineffective-domain' | 'personal-bypass';
  readonly entry: string;
}

export type PolicyWarning = ShadowedRule | MisleadingEntry;
