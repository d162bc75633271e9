import { decide, type Policy } from '@portcullis/domain-policy';
import type { Logger } from '@portcullis/platform-telemetry';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfiguration } from './config.js';
import type { LivePolicy } from './portal/portal-parts.js';
import { followConfiguration, livePolicy } from './reload.js';

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
  let live: LivePolicy;
  let told: (readonly [string, Readonly<Record<string, unknown>>])[];
  let results: string[];

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'portcullis-reload-'));
    file = join(dir, 'configuration.yml');
    told = [];
    results = [];
    writeFileSync(file, configuration(rule('one_factor')));
    const first = readConfiguration([file]);
    if (first.value === null) throw new Error(JSON.stringify(first.problems));
    live = livePolicy(first.value);
    const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      told.push([message, fields]);
    };
    const logger = { info: tell, warn: tell, error: tell } as unknown as Logger;
    stop.current = new AbortController();
    const onReload = (result: string, hash: string): void => {
      results.push(`${result} ${hash}`);
    };
    await followConfiguration({ files: [file], first, live, logger, onReload, signal: stop.current.signal });
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
    expect(results).toEqual([`taken ${readConfiguration([file]).hash}`]);
    expect(told).toEqual([
      ['The access control rules were reloaded', expect.objectContaining({ rules: 1 })],
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
  });
});
