/** What a rule asks for, from open to closed. */
export type Policy = 'bypass' | 'one_factor' | 'two_factor' | 'deny';

/** Authelia's `query[].operator`. */
export type QueryOperator = 'present' | 'absent' | 'equal' | 'not equal' | 'pattern' | 'not pattern';

/** One `query` condition; `value` belongs to the last four operators. */
export interface QueryCondition {
  readonly key: string;
  readonly operator: QueryOperator;
  readonly value?: string | undefined;
}

/** One rule of `access_control.rules`, validated and plain: an empty list is an absent criterion. */
export interface Rule {
  readonly policy: Policy;
  /** `admin.example.com`, `*.example.com`, `{user}.example.com`, `{group}.example.com`. */
  readonly domains: readonly string[];
  /** RE2 patterns, OR-ed with `domains`. */
  readonly domainRegex: readonly string[];
  /** Outer list OR, inner list AND; `user:x`, `group:y`, `oauth2:client:z`. */
  readonly subjects: readonly (readonly string[])[];
  /** CIDR, address, or a name out of the network definitions. */
  readonly networks: readonly string[];
  readonly methods: readonly string[];
  /** RE2 patterns, unanchored, against the cleaned path and `?query`. */
  readonly resources: readonly string[];
  /** Outer list OR, inner list AND. */
  readonly query: readonly (readonly QueryCondition[])[];
}

/** `definitions.network`: a name and its CIDRs or addresses. */
export type NetworkDefinitions = Readonly<Record<string, readonly string[]>>;

/** What `compilePolicy` and `lintPolicy` take. */
export interface PolicySource {
  readonly defaultPolicy: Policy;
  readonly rules: readonly Rule[];
  readonly networks: NetworkDefinitions;
}

/** The request that is judged. */
export interface PolicyRequest {
  /** Lower-cased, without a port. */
  readonly host: string;
  /** A path as `readPath` gives it. */
  readonly path: string;
  /** Raw query without the question mark, or ''. */
  readonly query: string;
  readonly method: string;
  /** Client address; null where none is known (it is then inside no network). One that does not parse never skips a `deny` rule. */
  readonly ip: string | null;
}

/** Who asks; null stands for an anonymous visitor. */
export interface Subject {
  /** Canonical name, compared as it is. */
  readonly username: string;
  readonly groups: readonly string[];
  /** An OAuth 2.0 client acting for itself. */
  readonly clientId?: string | undefined;
}

/** The answer of the first rule that matches. */
export interface Decision {
  readonly policy: Policy;
  /** Position in the rules from 0; -1 is the default policy. */
  readonly ruleIndex: number;
  /** The rule looks at who asks, so signing in may change the answer. */
  readonly hasSubjects: boolean;
}
