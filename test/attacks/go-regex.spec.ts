import { compilePolicy, decide, PolicyError } from '@portcullis/domain-policy';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Table {
  readonly texts: readonly string[];
  /** Of each text: false where the pattern is not in it, else what it captures as User. */
  readonly patterns: readonly { readonly pattern: string; readonly valid: boolean; readonly found?: readonly (string | false)[] }[];
}

/** Recorded with the real Go by go-regex/record.go. */
const { texts, patterns } = JSON.parse(readFileSync(new URL('go-regex/table.json', import.meta.url), 'utf8')) as Table;

/** Taken by Go and refused here: which of the two would the person have to be? */
const STRICTER: readonly string[] = ['(?P<User>a)(?P<User>b)'];

const withPattern = (pattern: string) => {
  const rule = {
    policy: 'one_factor' as const,
    domains: ['x'],
    domainRegex: [],
    subjects: [],
    networks: [],
    methods: [],
    resources: [pattern],
    query: [],
  };
  return compilePolicy({ defaultPolicy: 'deny', rules: [rule], networks: {} });
};
/** Whether the rule of that pattern is the one that decides about the text, for somebody of that name. */
const decides = (policy: ReturnType<typeof withPattern>, text: string, username: string | null): boolean => {
  const request = { host: 'x', path: text, query: '', method: 'GET', ip: null };
  return decide(policy, request, username === null ? null : { username, groups: [] }).ruleIndex === 0;
};

const compiles = (pattern: string): boolean => {
  try {
    withPattern(pattern);
    return true;
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
};

it('a pattern that Go does not take is not taken', () => {
  const invalid = patterns.filter(({ valid }) => !valid);
  expect(invalid.length).toBeGreaterThan(50);
  expect(invalid.filter(({ pattern }) => compiles(pattern)).map(({ pattern }) => pattern)).toEqual([]);
});

it('a pattern that Go takes is found where Go finds it, and captures whom Go captures', () => {
  const valid = patterns.filter(({ pattern, valid: is }) => is && !STRICTER.includes(pattern));
  expect(STRICTER.filter(compiles)).toEqual([]);
  const differences: unknown[] = [];
  let cases = 0;
  for (const { pattern, found = [] } of valid) {
    if (!compiles(pattern)) {
      differences.push({ pattern, 'is refused': true });
      continue;
    }
    const policy = withPattern(pattern);
    const capturesUser = /\(\?P?<User>/.test(pattern);
    texts.forEach((text, index) => {
      cases += 1;
      const user = found[index]!;
      const anybody = decides(policy, text, null);
      if (anybody !== (user !== false)) differences.push({ pattern, text, go: user, gate: anybody });
      if (user === false || user === '' || !capturesUser) return;
      if (!decides(policy, text, user)) differences.push({ pattern, text, captured: user });
      if (decides(policy, text, `${user}x`)) differences.push({ pattern, text, captured: `${user}x` });
    });
  }
  expect(cases).toBeGreaterThan(500);
  expect(differences).toEqual([]);
});
