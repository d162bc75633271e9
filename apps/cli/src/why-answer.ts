import { type Policy, type Rule, ruleToYaml, type RuleSet, type Subject } from '@portcullis/domain-policy';
import type { LogLine } from './log-lines.js';
import { judge, type Judgement, targetOf } from './target-of.js';
import { nameRule, type NearMiss, nearMisses } from './tell-rule.js';
import { refusalOf } from './why-refused.js';

/** What is in force now. */
export interface Installation {
  readonly rules: RuleSet;
  readonly rulesHash: string;
  readonly people: readonly Subject[];
  /** `configuration.yml:14` of a rule. */
  readonly placeOf: (ruleIndex: number) => string | null;
}

/** Each a list of paragraphs. */
export interface Answer {
  readonly request: string;
  readonly result: string;
  readonly why: readonly string[];
  /** What the rules of today say; empty where no rule was asked, or none can be read. */
  readonly now: readonly string[];
  readonly fix: readonly string[];
  /** Whether other rules are in force now; null where that cannot be told. */
  readonly rulesChanged: boolean | null;
}

/** Explains a line of the decision log by the rules and people of today. */
export function explainLine(line: LogLine, installation: Installation | null): Answer {
  const rulesChanged = line['rules_hash'] === undefined || installation === null ? null : line['rules_hash'] !== installation.rulesHash;
  const request = describeRequest(line);
  const { outcome = '' } = line;
  if (outcome === 'refused') return { request, result: 'Refused as it came: no rule was asked.', ...refusalOf(line), now: [], rulesChanged };
  if (!(outcome in RESULTS))
    return {
      request,
      result: `Not a decision of the gate: ${line['msg'] ?? ''}`,
      why: [line['error'] ?? 'the line says no more'],
      now: [],
      fix: [],
      rulesChanged,
    };
  const today = installation === null ? null : judgeToday(line, installation);
  return {
    request,
    result: RESULTS[outcome] ?? outcome,
    rulesChanged,
    why: explain(line, rulesChanged === false ? installation : null, today),
    now: tellToday(rulesChanged, today, installation),
    fix: fixOf(line, today, installation),
  };
}

const RESULTS: Readonly<Record<string, string>> = {
  allowed: 'Let through.',
  forbidden: 'Forbidden (403).',
  sign_in: 'Asked to sign in.',
  challenged: 'Asked for a name and a password (Basic).',
  unavailable: 'Not decided (503): the gate could not tell who asks.',
};

function describeRequest({
  method = '',
  target_url: url = 'an address that could not be read',
  username,
  remote_ip: ip,
  time = '',
}: LogLine): string {
  const who = username === undefined ? 'somebody who had not signed in' : username;
  return `${method} ${url} by ${who}${ip === undefined ? '' : ` from ${ip}`}, ${time}`.trimStart();
}

interface Today extends Judgement {
  readonly host: string;
  /** Null: somebody who has not signed in. */
  readonly subject: Subject | null;
  readonly isKnown: boolean;
}

/** The path is logged without its query, and so it is asked. */
function judgeToday({ target_url: url, method = 'GET', username, remote_ip: ip }: LogLine, { rules, people }: Installation): Today | null {
  if (url === undefined) return null;
  try {
    const target = targetOf(url.replace(/\?….*$/s, ''));
    const person = people.find((each) => each.username === username);
    const subject = username === undefined ? null : (person ?? { username, groups: [] });
    return { ...judge(rules, target, method, ip ?? null, subject), host: target.host, subject, isKnown: person !== undefined };
  } catch {
    return null;
  }
}

function explain(line: LogLine, same: Installation | null, today: Today | null): readonly string[] {
  const { outcome, reason, rule = '', username = 'they' } = line;
  const index = rule === 'default' ? -1 : Number(rule.slice(1)) - 1;
  const named =
    same === null ? (rule === 'default' ? 'the default policy of then' : `rule ${rule} of then`) : nameRule(same.rules.source.rules, index);
  const written = same?.rules.source.rules[index];
  const shown = written === undefined ? [] : [`  ${ruleToYaml(written)}  # ${same?.placeOf(index) ?? `rule ${rule}`}`];
  const asked = same === null ? 'more' : FACTORS[written?.policy ?? same.rules.source.defaultPolicy];
  switch (`${outcome ?? ''} ${reason ?? ''}`) {
    case 'forbidden policy':
      return [`${capital(named)} denies it:`.replace(/:$/, shown.length === 0 ? '.' : ':'), ...shown, ...openersOf(today, same)];
    case 'sign_in no_session':
      return [`${capital(named)} asks for ${asked}, and the browser brought no session that is valid.`, ...shown];
    case 'sign_in level':
      return [`${capital(named)} asks for ${asked}, and ${username} had given one factor.`, ...shown];
    case 'challenged level':
      return [`${capital(named)} asks for ${asked}, and what came by Basic is one factor at most.`, ...shown];
    case 'challenged bad_credentials':
      return ['The name and password that came by Basic are not right, or are banned.', ...shown];
    case 'unavailable store_away':
      return [`The sessions could not be read: ${line['error'] ?? 'no reason was logged'}.`];
    default:
      return [`${capital(named)} answered.`, ...shown];
  }
}

const FACTORS: Readonly<Record<Policy, string>> = { bypass: 'nothing', one_factor: 'one factor', two_factor: 'two factors', deny: 'nobody' };
const MOST_RULES = 3;

function openersOf(today: Today | null, installation: Installation | null): readonly string[] {
  if (today === null || installation === null) return [];
  const { rules } = installation.rules.source;
  return openers(today, rules)
    .slice(0, MOST_RULES)
    .map(({ ruleIndex, policy, why }) => `${capital(nameRule(rules, ruleIndex))} would open it (${policy}), but ${why}.`);
}

const openers = ({ explanation }: Today, rules: readonly Rule[]): readonly NearMiss[] =>
  nearMisses(rules, explanation, (policy) => policy !== 'deny');

function tellToday(rulesChanged: boolean | null, today: Today | null, installation: Installation | null): readonly string[] {
  if (installation === null) return ['The rules of today cannot be read: give --config FILE.'];
  const changed = {
    true: 'The rules have changed since.',
    false: 'The rules have not changed since.',
    null: 'Whether the rules have changed since cannot be told.',
  }[`${rulesChanged}`];
  if (today === null) return [changed];
  const { decision, subject, isKnown } = today;
  const who =
    subject === null
      ? 'Somebody who has not signed in'
      : `${subject.username}${isKnown ? ` (${subject.groups.join(', ') || 'in no group'})` : ', who is not in the users file any more,'}`;
  return [`${changed} ${who} is answered ${decision.policy} by ${nameRule(installation.rules.source.rules, decision.ruleIndex)}.`];
}

function fixOf(line: LogLine, today: Today | null, installation: Installation | null): readonly string[] {
  const { outcome, reason, username } = line;
  const portal = / with location redirect to (\S+)$/.exec(line['msg'] ?? '')?.[1];
  switch (`${outcome ?? ''} ${reason ?? ''}`) {
    case 'forbidden policy':
      return today === null || installation === null ? [] : letIn(today, installation);
    case 'sign_in no_session':
      return portal === undefined && line['endpoint'] === 'legacy'
        ? ['The proxy named no portal to send them to: add ?rd=https://auth.example.com to the address of /api/verify, or take the files of deploy/.']
        : [
            `Sign in${portal === undefined ? '' : ` at ${portal}`}.`,
            'Where it asks again after that, the cookie does not come along: look for the session with `portcullis sessions list`, and that session.cookies names the domain of this site.',
          ];
    case 'sign_in level':
      return [
        `Give the second factor${portal === undefined ? '' : ` at ${portal}`}. Where ${username ?? 'somebody'} has none yet:\n  portcullis storage user totp generate ${username ?? 'NAME'}`,
      ];
    case 'challenged level':
      return ['Sign in with the browser, or let this site be opened by one factor:\n  policy: one_factor'];
    case 'challenged bad_credentials':
      return ['Correct the name or the password that the client keeps. A ban is listed, and ended, by:\n  portcullis storage bans user list'];
    case 'unavailable store_away':
      return ['Look at Redis (session.redis) and the session service:\n  portcullis doctor'];
    default:
      return [];
  }
}

/** A group that a rule on this host asks for, or a rule of their own above the one that denies. */
function letIn({ decision, subject, host, ...today }: Today, { rules }: Installation): readonly string[] {
  if (decision.policy !== 'deny') return ['Nothing: the rules of today let them in.'];
  const written = rules.source.rules;
  const missed = openers({ decision, subject, host, ...today }, written).find(
    ({ row }) =>
      subject !== null && row.subject === 'miss' && [row.resource, row.method, row.network, row.query].every((finding) => finding === 'hit'),
  );
  const groups =
    written[missed?.ruleIndex ?? -1]?.subjects
      .find((all) => all.every((entry) => entry.startsWith('group:')))
      ?.map((entry) => entry.slice('group:'.length)) ?? [];
  const policy = missed?.policy ?? (written.some((rule) => rule.policy === 'two_factor') ? 'two_factor' : 'one_factor');
  const own: Rule = {
    policy,
    domains: [host],
    domainRegex: [],
    subjects: subject === null ? [] : [[`user:${subject.username}`]],
    networks: [],
    methods: [],
    resources: [],
    query: [],
  };
  const where = decision.ruleIndex < 0 ? 'to access_control.rules' : `above ${nameRule(written, decision.ruleIndex)}`;
  return [
    'If they are meant to open it:',
    ...(subject === null || groups.length === 0
      ? []
      : [`- give ${subject.username} the group, in the users file:`, `  groups: [${[...new Set([...subject.groups, ...groups])].join(', ')}]`]),
    `- ${groups.length > 0 && subject !== null ? 'or ' : ''}add a rule ${where}:`,
    `  ${ruleToYaml(own)}`,
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
