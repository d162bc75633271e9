import { describe, expect, it } from 'vitest';
import { authRequest } from './auth-request.js';
import { extAuthz } from './ext-authz.js';
import { forwardAuth } from './forward-auth.js';
import { legacy } from './legacy.js';
import { type Endpoint, Routes } from './routes.js';

const endpoints: readonly Endpoint[] = [
  { name: 'legacy', slot: 0, path: '/api/verify', dialect: legacy, strategies: [] },
  { name: 'auth-request', slot: 1, path: '/api/authz/auth-request', dialect: authRequest, strategies: [] },
  { name: 'forward-auth', slot: 2, path: '/api/authz/forward-auth', dialect: forwardAuth, strategies: [] },
  { name: 'ext-authz', slot: 3, path: '/api/authz/ext-authz', dialect: extAuthz, strategies: [] },
  { name: 'ext-authz/inner', slot: 4, path: '/api/authz/ext-authz/inner', dialect: extAuthz, strategies: [] },
];
const root = new Routes(endpoints, '');
const below = new Routes(endpoints, '/authelia');
const found = (routes: Routes, url: string): string | null => routes.match(url)?.endpoint.name ?? null;

describe('an endpoint is found', () => {
  it.each([
    ['/api/verify', 'legacy'],
    ['/api/verify?rd=https://auth.example.com', 'legacy'],
    ['/api/verify/', 'legacy'],
    ['/api/verify/anything', 'legacy'],
    ['/api/authz/auth-request', 'auth-request'],
    ['/api/authz/forward-auth', 'forward-auth'],
    ['/api/authz/forward-auth?authelia_url=x', 'forward-auth'],
    ['/api/authz/ext-authz', 'ext-authz'],
    ['/api/authz/ext-authz//admin?x', 'ext-authz'],
    ['/api/authz/ext-authz/inner/a', 'ext-authz/inner'],
    ['/api/authz/ext-authz/innerer', 'ext-authz'],
  ])('%s is %s', (url, name) => {
    expect([found(root, url), found(below, url), found(below, `/authelia${url}`)]).toEqual([name, name, name]);
  });
});

describe('nothing else is one', () => {
  it.each([
    '/',
    '/api/verifyx',
    '/api/verif',
    '/api',
    '/api/authz',
    '/api/authz/nothing',
    '/api/authz/auth-request/',
    '/api/authz/forward-auth/x',
    '/API/verify',
    '//api/verify',
    '/api//verify',
    '/api/%76erify',
    '/authz/forward-auth',
    '/x/api/verify',
    '/?/api/verify',
    'http://gate/api/verify',
    '*',
    '',
  ])('%j', (url) => {
    expect([found(root, url), found(below, url)]).toEqual([null, null]);
  });

  it('below a sub-path that is not this server’s', () => {
    expect([found(root, '/authelia/api/verify'), found(below, '/autheliax/api/verify'), found(below, '/authelia/authelia/api/verify')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('what a route says of its request', () => {
  it('is the query of the endpoint', () => {
    const query = { rd: 'https://auth.example.com/?a=b', autheliaUrl: 'x', basic: true };
    expect(root.match('/api/verify?rd=https%3A%2F%2Fauth.example.com%2F%3Fa%3Db&authelia_url=x&auth=basic')?.query).toEqual(query);
    expect(root.match('/api/verify')?.query).toEqual({ rd: null, autheliaUrl: null, basic: false });
    expect(root.match('/api/verify?rd=&auth=Basic')?.query).toEqual({ rd: '', autheliaUrl: null, basic: false });
  });

  it('is the first of two values', () => {
    expect(root.match('/api/verify?rd=a&rd=b')?.query.rd).toBe('a');
  });

  it('is its URI without the sub-path, and what follows the endpoint', () => {
    expect(below.match('/authelia/api/authz/ext-authz//a/b?c')).toMatchObject({ uri: '/api/authz/ext-authz//a/b?c', below: '//a/b?c' });
    expect(below.match('/api/verify?rd=x')).toMatchObject({ uri: '/api/verify?rd=x', below: '?rd=x' });
  });
});

it('a route is remembered, except where its path is a client’s own', () => {
  const routes = new Routes(endpoints, '');
  expect(routes.match('/api/verify?rd=a')).toBe(routes.match('/api/verify?rd=a'));
  expect(routes.match('/api/authz/ext-authz/a')).not.toBe(routes.match('/api/authz/ext-authz/a'));
});

it('stays right when more URLs come than it remembers', () => {
  const routes = new Routes(endpoints, '');
  const first = routes.match('/api/verify?rd=first');
  for (let i = 0; i < 3000; i++) expect(routes.match(`/api/verify?rd=${i}`)?.query.rd).toBe(String(i));
  expect(routes.match('/api/verify?rd=first')).toEqual(first);
  expect(routes.match('/api/verify?rd=first')).not.toBe(first);
});
