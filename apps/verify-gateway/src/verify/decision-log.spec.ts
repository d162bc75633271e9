import type { LogFields, Logger } from '@portcullis/platform-telemetry';
import { describe, expect, it } from 'vitest';
import { authRequest } from './auth-request.js';
import { logDecision } from './decision-log.js';
import type { Dialect } from './dialect.js';
import { forwardAuth } from './forward-auth.js';
import { legacy } from './legacy.js';
import type { Target } from './target.js';
import type { RefusalReason, Told } from './verify.js';

const target: Target = {
  scheme: 'https',
  authority: 'one.example.com',
  host: 'one.example.com',
  uri: '/a/b?code=SECRET&token=SECRET',
  path: '/a/b',
  query: 'code=SECRET&token=SECRET',
  otherPaths: [],
  method: 'POST',
  ip: '203.0.113.7',
};

function lineOf(
  change: Partial<Told>,
  dialect: Dialect = forwardAuth,
): { readonly level: string; readonly message: string; readonly fields: LogFields } {
  const lines: { level: string; message: string; fields: LogFields }[] = [];
  const at = (level: string) => (message: string, fields: LogFields) => lines.push({ level, message, fields });
  const logger = { error: at('error'), warn: at('warn'), info: at('info') } as unknown as Logger;
  const endpoint = { name: 'forward-auth', slot: 0, path: '/api/authz/forward-auth', dialect, strategies: [] };
  logDecision(
    logger,
    {
      route: { endpoint, query: { rd: null, autheliaUrl: null, basic: false }, uri: '/api/authz/forward-auth', below: '' },
      result: 'sign_in',
      reason: 'no_session',
      status: 302,
      target,
      portal: 'https://auth.example.com',
      decision: { policy: 'one_factor', ruleIndex: 2, hasSubjects: false },
      username: null,
      ip: '203.0.113.7',
      fault: null,
      requestId: undefined,
      ...change,
    },
    '0123456789ab',
  );
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

describe('what was decided is told', () => {
  it.each<[Partial<Told>, string]>([
    [{ result: 'forbidden', reason: 'policy', status: 403, username: 'bob' }, "Access to 'https://one.example.com/a/b?…' is forbidden to user 'bob'"],
    [{ result: 'forbidden', reason: 'policy', status: 403 }, "Access to 'https://one.example.com/a/b?…' is forbidden to user '<anonymous>'"],
    [
      {},
      'Access to https://one.example.com/a/b?… (method POST) is not authorized to user <anonymous>, responding with status code 302 with location redirect to https://auth.example.com',
    ],
    [
      { reason: 'level', status: 303, username: 'bob' },
      'Access to https://one.example.com/a/b?… (method POST) is not authorized to user bob, responding with status code 303 with location redirect to https://auth.example.com',
    ],
    [
      { status: 401, portal: null },
      'Access to https://one.example.com/a/b?… (method POST) is not authorized to user <anonymous>, responding with status code 401',
    ],
    [
      { result: 'challenged', reason: 'bad_credentials', status: 401 },
      "Access to 'https://one.example.com/a/b?…' is not authorized to user '<anonymous>', sending 401 response with WWW-Authenticate header requesting Basic scheme",
    ],
    [
      { result: 'challenged', reason: 'level', status: 407, username: 'bob' },
      "Access to 'https://one.example.com/a/b?…' is not authorized to user 'bob', sending 407 response with Proxy-Authenticate header requesting Basic scheme",
    ],
    [{ result: 'allowed', reason: 'policy', status: 200, username: 'bob' }, "Access to 'https://one.example.com/a/b?…' is allowed for user 'bob'"],
  ])('%j', (change, message) => {
    expect(lineOf(change)).toMatchObject({ level: 'info', message });
  });

  it('with stable words beside it', () => {
    expect(lineOf({}).fields).toEqual({
      method: 'POST',
      path: '/a/b?…',
      target_url: 'https://one.example.com/a/b?…',
      endpoint: 'forward-auth',
      outcome: 'sign_in',
      reason: 'no_session',
      username: undefined,
      rule: '#3',
      rules_hash: '0123456789ab',
      request_id: expect.stringMatching(/^[\w-]{16}$/) as string,
      remote_ip: '203.0.113.7',
      error: undefined,
    });
    expect(lineOf({ decision: { policy: 'deny', ruleIndex: -1, hasSubjects: false } }).fields).toMatchObject({ rule: 'default' });
    expect(lineOf({ reason: 'level', username: 'bob' }).fields).toMatchObject({ username: 'bob' });
    expect(lineOf({ result: 'refused', reason: 'foreign_host', decision: null }).fields).toMatchObject({ rule: undefined, rules_hash: undefined });
  });

  it('that it could not be decided, and why', () => {
    expect(lineOf({ result: 'unavailable', reason: 'store_away', status: 503, fault: new Error('Redis does not answer') })).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^Error occurred while attempting to authenticate a request/) as string,
      fields: { reason: 'store_away', error: 'Error: Redis does not answer' },
    });
  });
});

it("has the proxy's own number of the request, where it looks like one", () => {
  expect(lineOf({ requestId: '0af7651916cd43dd8448eb211c80319c' }).fields['request_id']).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(lineOf({ requestId: 'a b' }).fields['request_id']).toMatch(/^[\w-]{16}$/);
});

describe('why a request is not taken is told, and what to change', () => {
  const refused = (reason: RefusalReason, change: Partial<Told> = {}, dialect: Dialect = forwardAuth) =>
    lineOf({ result: 'refused', reason, status: 400, target: null, portal: null, decision: null, ip: null, ...change }, dialect);

  it.each<[RefusalReason, Dialect, RegExp]>([
    ['missing_target', legacy, /^Error getting Target URL and Request Method: .*X-Original-URL.*X-Forwarded-Proto.*deploy\/nginx/],
    ['missing_target', authRequest, /^Error getting Target URL and Request Method: .*X-Original-URL/],
    ['missing_target', forwardAuth, /^Error getting Target URL and Request Method: .*X-Forwarded-Host/],
    ['missing_method', authRequest, /^Error getting Target URL and Request Method: .*X-Original-Method/],
    ['missing_method', forwardAuth, /^Error getting Target URL and Request Method: .*X-Forwarded-Method/],
    ['ambiguous_target', legacy, /^Error getting Target URL and Request Method: ambiguous target$/],
    ['forged_identity_header', legacy, /forged identity header$/],
    ['untrusted_peer', forwardAuth, /server\.trusted_proxies/],
    ['foreign_host', forwardAuth, /^Target URL does not appear to have a relevant session cookies configuration/],
    ['unknown_portal', forwardAuth, /^Error occurred trying to determine the external Authelia URL for Target URL/],
  ])('%s', (reason, dialect, sentence) => {
    expect(refused(reason, {}, dialect)).toMatchObject({ level: 'error', message: expect.stringMatching(sentence) as string, fields: { reason } });
  });

  it('with the scheme that is not secure', () => {
    expect(refused('insecure_scheme', { target: { ...target, scheme: 'http' } }).message).toMatch(
      /^Target URL 'http:\/\/one\.example\.com\/a\/b\?…' has an insecure scheme 'http', only the 'https' and 'wss' schemes are supported so session cookies can be transmitted securely/,
    );
  });

  it('with the target and the address, as far as they were read', () => {
    expect(refused('foreign_host', { target, ip: '203.0.113.7' }).fields).toMatchObject({
      target_url: 'https://one.example.com/a/b?…',
      remote_ip: '203.0.113.7',
    });
    expect(refused('malformed_address').fields).toMatchObject({ target_url: undefined, remote_ip: undefined });
  });
});

it('no line holds what an application carries in its queries', () => {
  const reasons: readonly Partial<Told>[] = [
    {},
    { result: 'allowed' },
    { result: 'forbidden' },
    { result: 'challenged' },
    { result: 'unavailable' },
    { result: 'refused', reason: 'insecure_scheme' },
    { result: 'refused', reason: 'foreign_host' },
  ];
  for (const change of reasons) expect(JSON.stringify(lineOf(change))).not.toContain('SECRET');
});
