import { compilePolicy } from './compile-policy.js';
import { decideAmong } from './decide.js';
import { hostFor, knownHosts } from './known-hosts.js';
import { knownRequests, requestFor } from './known-requests.js';
import { isContradiction } from './lint-subjects.js';
import type { LonelyPerson, UnmetRule } from './policy-warning.js';
import { joinWords, listToYaml, nameRule, startWithRule } from './rule-text.js';
import { nearest } from './nearest.js';
import { readSubject } from './subject-matcher.js';
import type { Policy, PolicySource, Rule, Subject } from './types.js';

/** Somebody of the users file. */
export interface Person extends Subject {
  readonly disabled: boolean;
}

/** What rules ask for that nobody is, and people whom no rule lets in anywhere: dangers first, then by rule, people last. */
export function lintPeople(source: PolicySource, people: readonly Person[]): readonly (UnmetRule | LonelyPerson)[] {
  const crowd = readCrowd(people);
  const unmet = source.rules.flatMap((rule, ruleIndex) => [...lintSubjects(rule, ruleIndex, crowd), ...lintOwnHosts(rule, ruleIndex, crowd)]);
  return [
    ...unmet.filter(({ severity }) => severity === 'danger'),
    ...unmet.filter(({ severity }) => severity === 'notice'),
    ...findLonely(source, crowd),
  ];
}

interface Crowd {
  readonly enabled: readonly Person[];
  readonly byName: ReadonlyMap<string, Person>;
  readonly groups: readonly string[];
}

function readCrowd(people: readonly Person[]): Crowd {
  const enabled = people.filter(({ disabled }) => !disabled);
  return {
    enabled,
    byName: new Map(people.map((person) => [person.username, person])),
    groups: [...new Set(enabled.flatMap(({ groups }) => groups))],
  };
}

interface Unmet {
  readonly index: number;
  readonly why: string;
  /** What to write in its place, or to do. */
  readonly fix: string;
}

function lintSubjects(rule: Rule, ruleIndex: number, crowd: Crowd): readonly UnmetRule[] {
  const unmet = rule.subjects.flatMap((all, index): readonly Unmet[] => {
    if (isContradiction(all) || isMet(all, crowd)) return [];
    return [{ index, ...explainUnmet(rule, index, all, crowd) }];
  });
  if (unmet.length === 0) return [];
  const isWhole = rule.subjects.every((all, index) => isContradiction(all) || unmet.some((one) => one.index === index));
  return unmet.map(({ index, why, fix }) => ({
    kind: 'unmet',
    severity: severityOf(rule.policy, isWhole),
    ruleIndex,
    place: rule.subjects.length === 1 ? 'subject' : `subject[${index}]`,
    isWhole,
    text: `${startWithRule(rule, ruleIndex)}${isWhole ? ' is for nobody' : ''}: ${why}${consequence(rule.policy)}`,
    fix,
  }));
}

/** A denial that meets nobody keeps nobody out. */
const severityOf = (policy: Policy, isWhole: boolean): UnmetRule['severity'] => (policy === 'deny' && isWhole ? 'danger' : 'notice');
const consequence = (policy: Policy): string => (policy === 'deny' ? ', so that nobody is kept out by it.' : '.');

function isMet(all: readonly string[], { enabled }: Crowd): boolean {
  const parts = all.map(readSubject);
  if (parts.some(({ kind }) => kind === 'client')) return true;
  return enabled.some(({ username, groups }) => parts.every(({ kind, name }) => (kind === 'user' ? username === name : groups.includes(name))));
}

function explainUnmet(rule: Rule, index: number, all: readonly string[], crowd: Crowd): Omit<Unmet, 'index'> {
  const instead = (from: string, to: string): string =>
    listToYaml(
      'subject',
      rule.subjects
        .with(
          index,
          all.map((part) => (part === from ? to : part)),
        )
        .map(unwrap),
    );
  for (const part of all) {
    const { kind, name } = readSubject(part);
    const known = kind === 'user' ? [...crowd.byName.keys()] : crowd.groups;
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const why = kind === 'user' ? `no user is called '${name}'` : `no user is in the group '${name}'`;
    if (meant !== null) return { why: `${why}; '${meant}' was probably meant`, fix: instead(part, `${kind}:${meant}`) };
    return {
      why,
      fix:
        kind === 'user' ? `add ${name} to the users file, or take ${part} out` : `give the group to somebody in the users file:\ngroups: [${name}]`,
    };
  }
  return explainUnmetTogether(rule, index, all, crowd);
}

/** Each of them is known, and yet nobody is all of them. */
function explainUnmetTogether(rule: Rule, index: number, all: readonly string[], crowd: Crowd): Omit<Unmet, 'index'> {
  const user = all.map(readSubject).find(({ kind }) => kind === 'user');
  const person = user === undefined ? undefined : crowd.byName.get(user.name);
  if (person?.disabled === true)
    return { why: `${person.username} is disabled in the users file`, fix: `enable ${person.username}, or take user:${person.username} out` };
  const groups = all.map(readSubject).flatMap(({ kind, name }) => (kind === 'group' ? [name] : []));
  if (person !== undefined) {
    const missing = groups.filter((group) => !person.groups.includes(group));
    return {
      why: `${person.username} is not in ${joinWords(missing.map((group) => `group '${group}'`))}`,
      fix: `add it to ${person.username} in the users file:\ngroups: [${[...person.groups, ...missing].join(', ')}]`,
    };
  }
  const flat = [...rule.subjects.slice(0, index), ...all.map((part) => [part]), ...rule.subjects.slice(index + 1)];
  return {
    why: `nobody is in ${joinWords(groups.map((group) => `group '${group}'`))} at once, as a list within the list asks`,
    fix: `for people who are in one of them:\n${listToYaml('subject', flat.map(unwrap))}`,
  };
}

const unwrap = (all: readonly string[]): unknown => (all.length === 1 ? all[0] : all);

/** Host names have small letters, digits and dashes; a name that has others owns no host of `{user}.…`. */
const hostLabel = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/;

function lintOwnHosts(rule: Rule, ruleIndex: number, { enabled, groups }: Crowd): readonly UnmetRule[] {
  return rule.domains.flatMap((domain, index): readonly UnmetRule[] => {
    const place = rule.domains.length === 1 ? 'domain' : `domain[${index}]`;
    const named = (severity: UnmetRule['severity'], why: string, fix: string): readonly UnmetRule[] => [
      { kind: 'unmet', severity, ruleIndex, place, isWhole: false, text: `${startWithRule(rule, ruleIndex)}: ${why}`, fix },
    ];
    if (domain.startsWith('{user}')) {
      const without = enabled.flatMap(({ username }) => (hostLabel.test(username) ? [] : [username]));
      if (without.length === 0) return [];
      const why = `'${domain}' is no host for ${joinWords(few(without))}: host names have small letters, digits and dashes, and the name is compared as it is.`;
      return named(
        'notice',
        why,
        `write these names in small letters in the users file, or give each a rule of their own:\n- { domain: '${domain.replace('{user}', without[0]?.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-') ?? '')}', subject: 'user:${without[0] ?? ''}', policy: ${rule.policy} }`,
      );
    }
    if (domain.startsWith('{group}') && !groups.some((group) => hostLabel.test(group.toLowerCase()) && !group.includes('.'))) {
      return named(
        'notice',
        `'${domain}' is no host for anybody: no user is in a group whose name can begin a host name.`,
        'give somebody a group in the users file, or take the rule out',
      );
    }
    return [];
  });
}

const few = (names: readonly string[]): readonly string[] => (names.length <= 5 ? names : [...names.slice(0, 4), `${names.length - 4} more`]);

/** People to whom signing in opens nothing that is not open to everybody. */
function findLonely(source: PolicySource, { enabled, groups }: Crowd): readonly LonelyPerson[] {
  if (source.defaultPolicy === 'one_factor' || source.defaultPolicy === 'two_factor') return [];
  const hosts = [...knownHosts([source], groups)];
  const policy = compilePolicy(source);
  const opensOn = (host: string, person: Person): boolean => {
    const own = hostFor(host, person);
    const found = policy.hosts.find(own);
    const { texts, methods, addresses } = knownRequests([
      { rules: found.candidates.flatMap(({ rule }) => source.rules[rule.decision.ruleIndex] ?? []), networks: source.networks },
    ]);
    return addresses.some((address) =>
      methods.some((method) =>
        texts.some((text) => {
          const decision = decideAmong(policy, found, requestFor(text, method, address, own, person), person);
          return decision.policy === 'one_factor' || decision.policy === 'two_factor';
        }),
      ),
    );
  };
  const opener = source.rules.findIndex(
    ({ policy: asked, subjects }) => asked !== 'deny' && subjects.some((all) => all.length === 1 && all[0]?.startsWith('group:')),
  );
  return enabled.flatMap((person): readonly LonelyPerson[] =>
    hosts.some((host) => opensOn(host, person)) ? [] : [describeLonely(person, source.rules, opener)],
  );
}

function describeLonely({ username, groups }: Person, rules: readonly Rule[], opener: number): LonelyPerson {
  const rule = rules[opener];
  const group = rule?.subjects.find((all) => all.length === 1 && all[0]?.startsWith('group:'))?.[0]?.slice('group:'.length);
  const fix =
    rule === undefined || group === undefined
      ? `name them in a rule:\n- { domain: 'app.example.com', subject: 'user:${username}', policy: one_factor }`
      : `give them a group that a rule names, such as that of ${nameRule(rule, opener)}, in the users file:\ngroups: [${[...groups, group].join(', ')}]`;
  return {
    kind: 'lonely',
    severity: 'notice',
    ruleIndex: -1,
    username,
    place: '',
    text: `User ${username} can sign in, and no rule lets them in anywhere.`,
    fix,
  };
}
