import { decide, type Policy } from '@portcullis/domain-policy';
import type { Logger } from '@portcullis/platform-telemetry';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Reading, readConfiguration } from './config.js';
import { followConfiguration, livePolicy, type LiveRules } from './reload.js';

const configuration = (rules: string, more = ''): string => `session:
  secret: 'a_secret_of_enough_characters_0123456789'
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
storage: { encryption_key: 'a_key_of_enough_characters_0123456789', local: { path: '/nowhere/db.sqlite3' } }
authentication_backend: { file: { path: '/nowhere/users.yml' } }
notifier: { filesystem: { filename: '/nowhere/notification.txt' } }
${more}
access_control:
  default_policy: deny
  rules:
${rules}
`;
const rule = (policy: string, more = ''): string => `    - { domain: app.example.com, policy: ${policy}${more} }`;

describe('a changed configuration', () => {
  const stop = { current: new AbortController() };
  let dir: string;
  let file: string;
  let live: LiveRules;
  let told: (readonly [string, Readonly<Record<string, unknown>>])[];
  let results: string[];
  let kept: (string | undefined)[];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'portcullis-reload-'));
    file = join(dir, 'configuration.yml');
    told = [];
    results = [];
    kept = [];
    writeFileSync(file, configuration(rule('one_factor')));
    const first = readConfiguration([file]);
    if (first.value === null) throw new Error(JSON.stringify(first.problems));
    live = livePolicy(first.value, first.rulesHash);
    const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      told.push([message, fields]);
    };
    const logger = { info: tell, warn: tell, error: tell } as unknown as Logger;
    stop.current = new AbortController();
    const onReload = (result: string, hash: string): void => {
      results.push(`${result} ${hash}`);
    };
    const keep = ({ texts }: Reading): void => {
      kept.push(texts[0]?.text);
    };
    await followConfiguration({ files: [file], first, live, logger, onReload, keep, signal: stop.current.signal });
  });
  afterEach(() => {
    stop.current.abort();
    rmSync(dir, { recursive: true });
  });

  const reloads = (count: number) =>
    vi.waitFor(
      () => {
        expect(results).toHaveLength(count);
      },
      { timeout: 20_000 },
    );
  const policyOfApp = (): Policy =>
    decide(live.policy, { host: 'app.example.com', path: '/', query: '', method: 'GET', ip: '203.0.113.1' }, null).policy;

  it('takes effect whole, read by a thread as it would be here', { timeout: 30_000 }, async () => {
    expect([policyOfApp(), live.needsSecondFactor]).toEqual(['one_factor', false]);
    writeFileSync(
      file,
      configuration(rule('two_factor', ", subject: 'group:admins', networks: [10.0.0.0/8, 203.0.113.0/24]"), 'log: { level: warn }'),
    );
    await reloads(1);
    expect([policyOfApp(), live.needsSecondFactor]).toEqual(['two_factor', true]);
    const again = readConfiguration([file]);
    expect([results, live.rulesHash]).toEqual([[`taken ${again.hash}`], again.rulesHash]);
    expect(told).toEqual([
      ['The access control rules were reloaded', expect.objectContaining({ rules: 1, rules_hash: live.rulesHash })],
      ['Some changes take effect only after a restart', { keys: 'log' }],
    ]);
  });

  it('changes nothing while it is invalid, and names every problem with its line', { timeout: 60_000 }, async () => {
    writeFileSync(file, configuration(`${rule('two_factor')}\n${rule('three_factor')}\n${rule('deny', ", resources: '('")}`));
    await reloads(1);
    expect(policyOfApp()).toBe('one_factor');
    expect(results[0]).toMatch(/^refused /);
    const [[message, { report }] = ['', {}]] = told;
    expect(message).toBe('The configuration was changed and is invalid: the one before stays in force');
    expect(String(report).match(/configuration\.yml:\d+ {2}\S+/g)).toEqual([
      'configuration.yml:12  access_control.rules[1].policy',
      'configuration.yml:13  access_control.rules[2].resources[0]',
    ]);
    writeFileSync(file, configuration(rule('bypass', ", resources: '/status'"), 'log: { level: loud }'));
    await reloads(2);
    expect(String(told[1]?.[1]['report'])).toMatch(/log\.level[^]*warning: .*access_control\.rules\[0\]/);
    writeFileSync(file, configuration(rule('bypass')));
    await reloads(3);
    expect(policyOfApp()).toBe('bypass');
    expect(kept, 'only what was taken is kept').toEqual([configuration(rule('bypass'))]);
  });

  it('that opens something is told of, a line each, after it is in force', { timeout: 60_000 }, async () => {
    const openings = () =>
      told.filter(([message]) => message === 'The new rules let in who was kept out, or ask for less').map(([, fields]) => fields);
    writeFileSync(
      file,
      configuration(`${rule('one_factor')}\n    - { domain: ['*.lab.example.com', wiki.example.com], policy: two_factor, subject: 'group:dev' }`),
    );
    await reloads(1);
    await vi.waitFor(() => {
      expect(openings()).toEqual([
        { rule: '#2', who: 'group:dev', hosts: '<any>.lab.example.com, wiki.example.com', before: 'deny', after: 'two_factor' },
      ]);
    });
    writeFileSync(file, configuration(rule('bypass')));
    await reloads(2);
    await vi.waitFor(() => {
      expect(openings().slice(1)).toEqual([
        { rule: '#1', who: 'everybody, without signing in', hosts: 'app.example.com', before: 'one_factor', after: 'bypass' },
      ]);
    });
    writeFileSync(file, configuration(Array.from({ length: 25 }, (_, i) => `    - { domain: a${i}.example.com, policy: one_factor }`).join('\n')));
    await reloads(3);
    await vi.waitFor(() => {
      expect(openings().slice(2)).toHaveLength(20);
      expect(told.at(-1)).toEqual(['The new rules open more than is told here', { openings: 5 }]);
    });
  });

  it('of a directory, through filters, takes effect as well, whichever file and whatever it reads has changed', { timeout: 60_000 }, async () => {
    vi.stubEnv('PORTCULLIS_CONFIG_FILTERS', 'template');
    const own = new AbortController();
    try {
      const policy = join(dir, 'policy.txt');
      writeFileSync(policy, 'one_factor\n');
      writeFileSync(join(dir, 'rules.yml'), `access_control:\n  rules:\n${rule(`{{ secret "${policy}" }}`)}\n`);
      const first = readConfiguration([dir]);
      if (first.value === null) throw new Error(JSON.stringify(first.problems));
      const followed = livePolicy(first.value, first.rulesHash);
      const taken: string[] = [];
      const onReload = (result: string): void => {
        taken.push(`${result} ${answer()}`);
      };
      const answer = (): Policy =>
        decide(followed.policy, { host: 'app.example.com', path: '/', query: '', method: 'GET', ip: '203.0.113.1' }, null).policy;
      const logger = { info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as Logger;
      await followConfiguration({ files: [dir], first, live: followed, logger, onReload, keep: () => undefined, signal: own.signal });
      const tells = (expected: readonly string[]) =>
        vi.waitFor(
          () => {
            expect(taken).toEqual(expected);
          },
          { timeout: 20_000 },
        );
      writeFileSync(policy, 'two_factor\n');
      await tells(['taken two_factor']);
      writeFileSync(join(dir, 'sooner.yml'), 'access_control: {default_policy: one_factor}\n');
      writeFileSync(join(dir, 'rules.yml'), `access_control:\n  rules:\n${rule('bypass')}\n`);
      await vi.waitFor(
        () => {
          expect(taken.at(-1)).toBe('taken bypass');
        },
        { timeout: 20_000 },
      );
    } finally {
      own.abort();
      vi.unstubAllEnvs();
    }
  });
});
