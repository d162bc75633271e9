import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { authRequest } from './auth-request.js';
import type { Dialect } from './dialect.js';
import { extAuthz } from './ext-authz.js';
import { forwardAuth } from './forward-auth.js';
import { legacy } from './legacy.js';
import type { Question } from './question.js';
import { acceptsHtml, signInReply } from './sign-in.js';

describe('a page is taken by whoever accepts', () => {
  it.each([
    'text/html',
    'text/html; charset=utf-8',
    'TEXT/HTML',
    'application/json, text/html;q=0.9',
    ' text/html ,x',
    '*/*',
    '*/*;q=0.8',
    '*/*, application/json',
  ])('%j', (accept) => {
    expect(acceptsHtml(accept)).toBe(true);
  });

  it.each([undefined, '', 'application/json', 'application/json, */*', 'text/*', 'text/plain', 'text/htmlx', 'text/html+x'])(
    'nobody by %j',
    (accept) => {
      expect(acceptsHtml(accept)).toBe(false);
    },
  );
});

function ask(
  dialect: Dialect,
  change: { method?: string; accept?: string | undefined; requestedWith?: string; portal?: string | null; uri?: string } = {},
) {
  const { method = 'GET', requestedWith, portal = 'https://auth.example.com', uri = '/a?b=c' } = change;
  const question: Question = {
    res: {} as ServerResponse,
    endpoint: { name: 'x', slot: 0, path: '/x', dialect, strategies: [] },
    target: {
      scheme: 'https',
      authority: 'one.example.com',
      host: 'one.example.com',
      uri,
      path: '/a',
      query: 'b=c',
      otherPaths: [],
      method,
      ip: '::1',
    },
    domain: { domain: 'example.com', cookieName: 'authelia_session', inactivityMs: 1, portalUrl: null },
    portal,
    basicRequired: false,
    sessionId: null,
    authorization: undefined,
    proxyAuthorization: undefined,
    sessionUsername: undefined,
    accept: 'accept' in change ? change.accept : 'text/html',
    requestedWith,
    requestId: undefined,
    startedAt: 0,
  };
  return signInReply(question);
}

describe.each([
  ['legacy', legacy, true],
  ['forward-auth', forwardAuth, true],
  ['ext-authz', extAuthz, true],
  ['auth-request', authRequest, false],
])('at %s somebody who must sign in', (_, dialect, redirects) => {
  it.each([
    ['GET', 302],
    ['HEAD', 302],
    ['OPTIONS', 302],
    ['POST', 303],
    ['PUT', 303],
    ['DELETE', 303],
    ['PROPFIND', 303],
  ])(`by a page with %s is ${redirects ? 'sent with %i' : 'told 401 by a proxy that takes no other'}`, (method, status) => {
    expect(ask(dialect, { method })).toMatchObject({ status: redirects ? status : 401, location: expect.stringContaining(`rm=${method}`) });
  });

  it('by a script is told 401, and where', () => {
    const location = 'https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2Fa%3Fb%3Dc&rm=GET';
    for (const script of [
      { requestedWith: 'XMLHttpRequest' },
      { requestedWith: 'xmlhttprequest' },
      { accept: undefined },
      { accept: 'application/json' },
    ]) {
      expect(ask(dialect, script)).toEqual({ status: 401, location, silent: false });
    }
  });

  it('is told so without a place where none is known', () => {
    expect(ask(dialect, { portal: null }).location).toBeNull();
  });
});

it('the answer to HEAD shows nothing', () => {
  expect([ask(forwardAuth, { method: 'HEAD' }).silent, ask(forwardAuth).silent]).toEqual([true, false]);
});

it('a target longer than a header may be is left out of the way back (attack 56)', () => {
  expect(ask(forwardAuth, { uri: `/${'a'.repeat(9000)}` }).location).toBe('https://auth.example.com/');
});
