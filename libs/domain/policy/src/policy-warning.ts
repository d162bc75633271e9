import type { Rule } from './types.js';

/** `danger`: people get in whom the author most likely meant to keep out. */
export type Severity = 'danger' | 'notice';

interface Warning {
  readonly severity: Severity;
  /** The rule it is about, from 0; -1 where it is about a person. */
  readonly ruleIndex: number;
  /** The key of the rule, as `resources[1]`; '' for the rule itself. */
  readonly place: string;
  /** For a person: numbers count from 1. */
  readonly text: string;
  /** What to write instead, ready to paste; '' where nobody can tell. */
  readonly fix: string;
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
   * `loose-start`: found anywhere in the path or query. `loose-end`: the path may go on. `loose-domain`: found within longer
   * host names. `query-escapes`: a query string evades the rule. `rest-denied`: nothing but these paths opens.
   * `ineffective-domain`: matches no host. `personal-bypass`: open to everybody although it names a person.
   */
  readonly kind: 'loose-start' | 'loose-end' | 'loose-domain' | 'query-escapes' | 'rest-denied' | 'ineffective-domain' | 'personal-bypass';
  readonly entry: string;
}

/** A subject, or a host of one's own, that nobody can meet. */
export interface UnmetRule extends Warning {
  readonly kind: 'unmet';
  /** All of the rule, not only one of its subjects. */
  readonly isWhole: boolean;
}

/** Somebody may sign in, and it opens nothing. */
export interface LonelyPerson extends Warning {
  readonly kind: 'lonely';
  readonly username: string;
}

export type PolicyWarning = ShadowedRule | MisleadingEntry | UnmetRule;
