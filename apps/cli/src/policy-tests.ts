import type { Policy } from '@portcullis/domain-policy';
import { readYaml } from '@portcullis/platform-config';
import { isIP } from 'node:net';
import { ANONYMOUS } from './access-control-diff.js';

/** What should be answered: a policy, or for a stranger that they are asked to sign in. */
export type Expected = Policy | 'sign_in';

/** One line of a file of policy tests. */
export interface Expectation {
  readonly line: number;
  /** As it was written, or as it would be in one line. */
  readonly text: string;
  /** A name of the users file; null is a stranger. */
  readonly user: string | null;
  /** In place of the groups of the users file. */
  readonly groups: readonly string[] | null;
  readonly ip: string | null;
  readonly method: string;
  readonly url: string;
  readonly expect: Expected;
  /** The rule that must answer, from 1; 0 is the default policy; null: any. */
  readonly rule: number | null;
}

export interface PolicyTests {
  readonly expectations: readonly Expectation[];
  /** `FILE:LINE what is wrong`. */
  readonly problems: readonly string[];
}

const EXPECTED = ['bypass', 'one_factor', 'two_factor', 'deny', 'sign_in'] as const;
/** `alice with admins, dev from 10.0.0.1 GET https://app.example.com/ -> one_factor by rule 2`; a `#` would begin a comment of YAML. */
const LINE =
  /^(?<user>\S+)(?: with (?<groups>.+?))?(?: from (?<ip>\S+))? (?<method>[A-Z]+) (?<url>https?:\/\/\S+) -> (?<expect>\w+)(?: by (?:rule #?(?<rule>\d+)|(?<fallback>the default policy)))?$/;

/** Reads a file of policy tests: a list of expectations under `tests`. */
export function readPolicyTests(file: string): PolicyTests {
  const { tree, problems, sources } = readYaml(file);
  const place = (line: number | undefined): string => (line === undefined ? file : `${file}:${line}`);
  const broken = problems.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${place(line)}  ${message}`);
  if (broken.length > 0) return { expectations: [], problems: broken };
  const list: unknown = tree['tests'];
  if (!Array.isArray(list) || list.length === 0)
    return { expectations: [], problems: [`${file}  there are no tests: ${FORM} in a list under tests`] };
  const entries = list.map((entry: unknown, index) => {
    const line = sources.get(`tests[${index}]`)?.line;
    return { line, read: typeof entry === 'string' ? readLine(entry) : readMap(entry) };
  });
  return {
    expectations: entries.flatMap(({ line, read }) => (typeof read === 'string' ? [] : [{ line: line ?? 0, ...read }])),
    problems: entries.flatMap(({ line, read }) => (typeof read === 'string' ? [`${place(line)}  ${read}`] : [])),
  };
}

type Read = Omit<Expectation, 'line'>;

const FORM = "write for instance 'alice GET https://app.example.com/ -> one_factor'";
const KEYS = ['user', 'with', 'from', 'method', 'url', 'expect', 'rule'] as const;

function readLine(written: string): Read | string {
  const text = written.trim().replaceAll(/\s+/g, ' ');
  const found = LINE.exec(text)?.groups;
  if (found === undefined) return `'${text}' is no expectation: ${FORM}`;
  const { groups, fallback, rule, ...rest } = found;
  return read({ ...rest, with: groups, rule: fallback === undefined ? rule : 'default' }, text);
}

function readMap(entry: unknown): Read | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return `an expectation is a line or a map: ${FORM}`;
  const odd = Object.keys(entry).find((key) => !KEYS.some((known) => known === key));
  if (odd !== undefined) return `'${odd}' is no key of an expectation: the keys are ${KEYS.join(', ')}`;
  return read(entry);
}

type Raw = Readonly<Partial<Record<(typeof KEYS)[number], unknown>>>;

/** `text` where it was written in one line. */
function read(raw: Raw, text?: string): Read | string {
  const { user = ANONYMOUS, from, method = 'GET', url, rule = null } = raw;
  const expect = EXPECTED.find((policy) => policy === raw.expect);
  const groups = raw.with === undefined ? null : wordsOf(raw.with);
  const number = rule === 'default' ? 0 : rule === null ? null : Number(rule);
  if (typeof user !== 'string' || user === '') return 'user is the name of somebody in the users file, or anonymous';
  if (expect === undefined) return `expect is one of ${EXPECTED.join(', ')}`;
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return 'url is a whole address, as https://app.example.com/path';
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method)) return 'method is in capitals, as GET';
  if (from !== undefined && (typeof from !== 'string' || isIP(from) === 0)) return 'from is an address, as 192.0.2.10';
  if (groups?.includes('') === true) return 'with is a list of groups';
  if (number !== null && !(Number.isInteger(number) && (number > 0 || rule === 'default')))
    return 'rule is the number of a rule, counted from 1, or default';
  if (user === ANONYMOUS && groups !== null) return 'a stranger is in no group: name a user';
  if (user !== ANONYMOUS && expect === 'sign_in')
    return 'sign_in is what a stranger is asked; of somebody who has signed in write the policy, such as two_factor';
  const made = { user: user === ANONYMOUS ? null : user, groups, ip: from ?? null, method, url, expect, rule: number };
  return { ...made, text: text ?? inOneLine(made) };
}

const wordsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value.map(String) : String(value).split(',')).map((word) => word.trim());

function inOneLine({ user, groups, ip, method, url, expect, rule }: Omit<Read, 'text'>): string {
  const by = rule === null ? '' : rule === 0 ? ' by the default policy' : ` by rule ${rule}`;
  return `${user ?? ANONYMOUS}${groups === null ? '' : ` with ${groups.join(', ')}`}${ip === null ? '' : ` from ${ip}`} ${method} ${url} -> ${expect}${by}`;
}
