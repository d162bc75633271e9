import type { Answer, RuleSet } from './compare-access.js';
import { rulesOf } from './compare-access.js';
import { decideAmong } from './decide.js';
import { hostFor, knownHosts } from './known-hosts.js';
import { knownRequests, requestFor } from './known-requests.js';
import type { Subject } from './types.js';

/** What one person meets on one host. */
export interface MatrixCell extends Answer {
  /** Other paths, methods, networks or queries than a plain GET of `/` are answered in another way. */
  readonly varies: boolean;
}

export interface MatrixRow {
  /** As `AccessChange.host`. */
  readonly host: string;
  /** A stranger first, then the people in their order. */
  readonly cells: readonly MatrixCell[];
}

/** Who may open what: every host the rules tell apart, for a stranger and each person. */
export function accessMatrix(rules: RuleSet, people: readonly Subject[]): readonly MatrixRow[] {
  const groups = [...new Set(people.flatMap((person) => person.groups))];
  const everybody: readonly (Subject | null)[] = [null, ...people];
  return [...knownHosts([rules.source], groups)].map((host) => ({ host, cells: everybody.map((subject) => cellOf(rules, host, subject)) }));
}

function cellOf(rules: RuleSet, host: string, subject: Subject | null): MatrixCell {
  const own = hostFor(host, subject);
  const found = rules.policy.hosts.find(own);
  const { texts, methods, addresses } = knownRequests([{ rules: rulesOf(rules, found), networks: rules.source.networks }]);
  const plain = decideAmong(rules.policy, found, { host: own, path: '/', query: '', method: 'GET', ip: null }, subject);
  const varies = addresses.some((address) =>
    methods.some((method) =>
      texts.some((text) => decideAmong(rules.policy, found, requestFor(text, method, address, own, subject), subject).policy !== plain.policy),
    ),
  );
  return { policy: plain.policy, ruleIndex: plain.ruleIndex, varies };
}
