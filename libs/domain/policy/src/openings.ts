import { type AccessChange, type Answer, type Asker, Comparison, type RuleSet, rulesOf, stranger } from './compare-access.js';
import { hostFor, knownHosts } from './known-hosts.js';
import { readSubject } from './subject-matcher.js';
import type { Policy, Rule, Subject } from './types.js';

/** New rules let somebody in who was not let in before, or ask them for less. */
export interface Opening {
  /** The rule that lets them in; -1 is the default policy. */
  readonly ruleIndex: number;
  readonly before: Policy;
  readonly after: Policy;
  /** `strangers`: everybody, without signing in. `anyone`: whoever signs in. Else what the rules ask for, as `group:admins with user:bob`. */
  readonly who: string;
  readonly hosts: readonly string[];
}

const anyone: Subject = { username: 'someone', groups: [] };
/** In a group that no rule names: `{group}.example.com` may be theirs. */
const SOME_GROUP = 'somegroup';
const mostAskers = 32;

/**
 * What new rules open, without knowing any person: the people are made up of what the rules ask for. Stops after each of them on each
 * host, for whoever has other things to do in between.
 */
export function* findOpeningsInSteps(before: RuleSet, after: RuleSet): Generator<undefined, readonly Opening[]> {
  const comparison = new Comparison(before, after);
  const groups = [...before.source.rules, ...after.source.rules].flatMap(({ subjects }) => subjects.flat().flatMap((entry) => groupOf(entry)));
  const found = new Map<string, Opening & { readonly hosts: string[] }>();
  for (const host of knownHosts([before.source, after.source], [...new Set([...groups, SOME_GROUP])])) {
    const differing = comparison.differing(hostFor(host, anyone));
    yield;
    if (differing === null) continue;
    const askers = askersOf([...rulesOf(before, differing.before), ...rulesOf(after, differing.after)]);
    for (const opening of openingsOf(yield* comparison.changesOn(host, askers))) {
      const key = [opening.ruleIndex, opening.before, opening.after, opening.who].join('\n');
      const shown = host.replace(SOME_GROUP, '{group}');
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...opening, hosts: [shown] });
      else if (!known.hosts.includes(shown)) known.hosts.push(shown);
    }
  }
  return [...found.values()].sort((a, b) => a.ruleIndex - b.ruleIndex);
}

const groupOf = (entry: string): readonly string[] => (entry.startsWith('group:') ? [entry.slice('group:'.length).trim()] : []);

/** A stranger, anyone, and one for each set of names that the rules ask for; where a rule keeps people out, those of others who are also these. */
function askersOf(rules: readonly Rule[]): readonly Asker[] {
  const setsOf = (wanted: readonly Rule[]) => [
    ...new Map(wanted.flatMap(({ subjects }) => subjects.map((all) => [all.join(), all] as const))).values(),
  ];
  const admitted = setsOf(rules.filter(({ policy }) => policy !== 'deny'));
  const denied = setsOf(rules.filter(({ policy }) => policy === 'deny'));
  const both = admitted.flatMap((some) => denied.map((others) => [...new Set([...some, ...others])]));
  const named = [...admitted, ...denied, ...both].flatMap((all): readonly Asker[] => {
    const subject = personOf(all);
    return subject === null ? [] : [{ name: all.join(' with '), subject }];
  });
  return [
    stranger,
    { name: 'anyone', subject: anyone },
    { name: 'their own group', subject: { username: 'somebody', groups: [SOME_GROUP] } },
    ...named,
  ].slice(0, mostAskers);
}

/** Somebody who is all of these; null where nobody can be. */
function personOf(all: readonly string[]): Subject | null {
  const parts = all.map(readSubject);
  const names = [...new Set(parts.flatMap(({ kind, name }) => (kind === 'user' ? [name] : [])))];
  const clients = parts.flatMap(({ kind, name }) => (kind === 'client' ? [name] : []));
  if (names.length > 1) return null;
  return { username: names[0] ?? 'member', groups: parts.flatMap(({ kind, name }) => (kind === 'group' ? [name] : [])), clientId: clients[0] };
}

/** Each by the widest circle alone: what opens to strangers opens to everybody else as well. */
function openingsOf(changes: readonly AccessChange[]): readonly Omit<Opening, 'hosts'>[] {
  const openings = changes.filter(({ change }) => change === 'gains' || change === 'easier');
  const reachedBy = ({ ruleIndex }: Answer, name: string | null): boolean =>
    openings.some(({ who, after }) => after.ruleIndex === ruleIndex && who.includes(name));
  return openings.flatMap(({ who, before, after }) => {
    const told = { ruleIndex: after.ruleIndex, before: before.policy, after: after.policy };
    if (who.includes(null)) return [{ ...told, who: 'strangers' }];
    if (reachedBy(after, null)) return [];
    if (reachedBy(after, 'anyone')) return who.includes('anyone') ? [{ ...told, who: 'anyone' }] : [];
    return who.map((name) => ({ ...told, who: name ?? 'strangers' }));
  });
}
