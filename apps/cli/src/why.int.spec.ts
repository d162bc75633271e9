import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { portcullis } from './command.fixture.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'cli-why-'));
const at = (name: string): string => join(directory, name);
const person = (name: string, groups: string): string => `  ${name}: { displayname: X, password: not_looked_at, groups: [${groups}] }\n`;
const configuration = at('configuration.yml');
const logFile = at('portcullis.log');
afterAll(() => {
  rmSync(directory, { recursive: true });
});

let rulesHash: string;
beforeAll(async () => {
  writeFileSync(at('users.yml'), `users:\n${person('alice', 'admins')}${person('bob', 'users')}`);
  writeFileSync(
    configuration,
    `authentication_backend: { file: { path: ${at('users.yml')} } }
log: { file_path: ${logFile} }
access_control:
  default_policy: deny
  rules:
    - { domain: admin.example.com, subject: 'group:admins', policy: two_factor }
    - { domain: admin.example.com, policy: deny }
    - { domain: '*.example.com', policy: one_factor }
`,
  );
  writeFileSync(
    logFile,
    line({
      request_id: 'first0000000',
      outcome: 'forbidden',
      reason: 'policy',
      rule: '#2',
      rules_hash: 'x',
      target_url: 'https://admin.example.com/',
    }),
  );
  rulesHash = (await json('first0000000')).rulesHashNow;
});

type Fields = Readonly<Record<string, string>>;
const line = (fields: Fields, msg = 'Access'): string =>
  `time="2026-11-26T09:00:00Z" level=info msg=${JSON.stringify(msg)} method=GET ${Object.entries(fields)
    .map(([name, value]) => `${name}=${/^[\w./@^+-]*$/.test(value) ? value : JSON.stringify(value)}`)
    .join(' ')} service=verify-gateway\n`;
const why = (id: string, input?: string, ...more: readonly string[]) =>
  portcullis(['why', id, '--config', configuration, ...more], input === undefined ? {} : { input });
const json = async (id: string) =>
  JSON.parse((await why(id, undefined, '--json')).out) as { readonly rulesHashNow: string; readonly rulesChanged: boolean | null };

const forbidden: Fields = {
  target_url: 'https://admin.example.com/x?…',
  outcome: 'forbidden',
  reason: 'policy',
  username: 'bob',
  rule: '#2',
  remote_ip: '203.0.113.9',
};

describe('why a request was refused', () => {
  it('is told with the rule, the reason and the fix', async () => {
    writeFileSync(logFile, line({ ...forbidden, rules_hash: rulesHash, request_id: 'abcdefgh12345678' }));
    const { code, out } = await why('abcdefgh12345678');
    expect([code, out]).toEqual([
      0,
      [
        'GET https://admin.example.com/x?… by bob from 203.0.113.9, 2026-11-26T09:00:00Z',
        'Forbidden (403).',
        '',
        'Why  Rule #2 (admin.example.com) denies it:',
        `       - { domain: 'admin.example.com', policy: deny }  # ${configuration}:7`,
        '     Rule #1 (admin.example.com) would open it (two_factor), but it asks for group:admins.',
        '     Rule #3 (*.example.com) would open it (one_factor), but it stands below, and the first match counts.',
        'Now  The rules have not changed since. bob (users) is answered deny by rule #2 (admin.example.com).',
        'Fix  If they are meant to open it:',
        '     - give bob the group, in the users file:',
        '       groups: [users, admins]',
        '     - or add a rule above rule #2 (admin.example.com):',
        "       - { domain: 'admin.example.com', subject: 'user:bob', policy: two_factor }",
        '',
      ].join('\n'),
    ]);
  });

  it('is told by the rules of today where they have changed', async () => {
    const { out } = await why('abcdefgh', line({ ...forbidden, username: 'alice', rules_hash: '000000000000', request_id: 'abcdefgh' }));
    expect(out).toContain('Why  Rule #2 of then denies it.\n');
    expect(out).toContain('The rules have changed since. alice (admins) is answered two_factor by rule #1 (admin.example.com).\n');
    expect(out).toContain('Fix  Nothing: the rules of today let them in.\n');
  });

  it.each<[string, Fields, string, readonly string[]]>([
    [
      'a stranger who is kept out',
      { outcome: 'forbidden', reason: 'policy', rule: 'default', target_url: 'https://other.test/' },
      'm',
      ['The default policy denies it.', "- { domain: 'other.test', policy: two_factor }"],
    ],
    [
      'nobody signed in',
      { outcome: 'sign_in', reason: 'no_session', rule: '#3', target_url: 'https://app.example.com/' },
      'x, responding with status code 302 with location redirect to https://auth.example.com',
      ['asks for one factor, and the browser brought no session', 'Sign in at https://auth.example.com.'],
    ],
    [
      'no portal',
      { outcome: 'sign_in', reason: 'no_session', rule: '#3', endpoint: 'legacy', target_url: 'https://app.example.com/' },
      'x',
      ['?rd=https://auth.example.com'],
    ],
    [
      'one factor of two',
      { outcome: 'sign_in', reason: 'level', rule: '#1', username: 'alice', target_url: 'https://admin.example.com/' },
      'x',
      ['asks for two factors, and alice had given one factor', 'portcullis storage user totp generate alice'],
    ],
    [
      'Basic where two are asked',
      { outcome: 'challenged', reason: 'level', rule: '#1', username: 'alice', target_url: 'https://admin.example.com/' },
      'x',
      ['one factor at most'],
    ],
    [
      'a wrong password',
      { outcome: 'challenged', reason: 'bad_credentials', rule: '#3', target_url: 'https://app.example.com/' },
      'x',
      ['are not right, or are banned', 'portcullis storage bans user list'],
    ],
    [
      'no Redis',
      { outcome: 'unavailable', reason: 'store_away', rule: '#3', error: 'Error: gone', target_url: 'https://app.example.com/' },
      'x',
      ['could not be read: Error: gone', 'portcullis doctor'],
    ],
    ['a page of the portal', { path: '/api/state' }, 'Something failed', ['Not a decision of the gate: Something failed']],
  ])('%s', async (_, fields, msg, parts) => {
    const { code, out } = await why(
      '0123456789ab',
      line({ ...fields, ...('rule' in fields ? { rules_hash: rulesHash } : {}), request_id: '0123456789ab' }, msg),
    );
    expect(code).toBe(0);
    for (const part of parts) expect(out).toContain(part);
  });

  it.each([
    ['missing_target', 'auth-request', 'X-Original-URL', 'deploy/nginx/portcullis-server.conf'],
    ['missing_target', 'forward-auth', 'X-Forwarded-Host', 'deploy/caddy/portcullis.caddy'],
    ['missing_method', 'auth-request', 'X-Original-Method', 'deploy/nginx'],
    ['missing_target', 'legacy', 'X-Forwarded-Proto', 'deploy/nginx'],
    ['ambiguous_target', 'legacy', 'X-Original-URL', 'deploy/nginx'],
    ['insecure_scheme', 'forward-auth', 'over http', 'X-Forwarded-Proto: https'],
    ['untrusted_peer', 'forward-auth', 'believed', 'trusted_proxies: [198.51.100.3]'],
    ['forged_identity_header', 'forward-auth', 'Remote-User', 'deploy/'],
    ['foreign_host', 'forward-auth', 'session.cookies', 'authelia_url'],
    ['unknown_portal', 'forward-auth', 'portal', 'session.cookies[].authelia_url'],
  ])('%s at %s names the header and the file', async (reason, endpoint, header, file) => {
    const { out } = await why('0123456789ab', line({ outcome: 'refused', reason, endpoint, remote_ip: '198.51.100.3', request_id: '0123456789ab' }));
    expect(out).toContain('Refused as it came: no rule was asked.');
    expect(out.split('Why ')[1]).toContain(header);
    expect(out.split('Fix ')[1]).toContain(file);
  });
});

describe('the line is found', () => {
  const id = 'findme0123456789';
  const found = line({ ...forbidden, rules_hash: 'aaaaaaaaaaaa', request_id: id });
  const asJson = JSON.stringify({
    level: 'info',
    msg: 'Access',
    time: '2026-11-26T09:00:00Z',
    method: 'GET',
    ...forbidden,
    request_id: id,
    service: 'verify-gateway',
  });

  it.each([
    ['as text', found],
    ['as JSON', `${asJson}\n`],
    ['behind what docker compose puts in front', `portcullis-1  | ${found}`],
    ['inside what Docker keeps', `${JSON.stringify({ log: found, stream: 'stdout' })}\n`],
    [
      'among others, and the decision before what else carries the id',
      `${line({ request_id: 'x' })}${found}${line({ request_id: id, path: '/api/state' })}`,
    ],
  ])('%s', async (_, input) => {
    expect((await why(id, input)).out).toContain('by bob from 203.0.113.9, 2026-11-26T09:00:00Z\nForbidden (403).');
    expect((await why(id, input, '--log', '-')).code).toBe(0);
  });

  it('in a file that was moved away and packed', async () => {
    writeFileSync(`${logFile}.2.gz`, gzipSync(found));
    expect((await why(id, '')).out).toContain('Forbidden (403).');
    expect((await why(id, '', '--log', `${logFile}.2.gz`)).code).toBe(0);
  });

  it('or not, which is exit 1', async () => {
    const { code, err } = await why('nothing', line({ request_id: 'nothing-else' }));
    expect([code, err]).toEqual([1, 'No line of the log carries the request id nothing. Lines of 200 are written with log.decisions: all alone.\n']);
    expect((await why('nothing', '', '--log', at('none.log'))).code).toBe(1);
  });
});
