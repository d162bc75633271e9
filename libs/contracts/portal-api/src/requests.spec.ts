import { describe, expect, it } from 'vitest';
import { firstFactorRequest, logoutRequest } from './requests.js';

describe('a sign-in request', () => {
  it('takes a name and a password, and nothing it does not know', () => {
    expect(firstFactorRequest.parse({ username: 'bob', password: 'x', admin: true })).toEqual({
      username: 'bob',
      password: 'x',
      keepMeLoggedIn: false,
      targetURL: '',
      requestMethod: '',
    });
  });

  it.each([
    { username: 1, password: 'x' },
    { username: 'bob' },
    { username: '', password: 'x' },
    { username: 'bob', password: 'x'.repeat(5000) },
    [],
  ])('is malformed as %j', (body) => {
    expect(firstFactorRequest.safeParse(body).success).toBe(false);
  });

  it('is never refused for its target', () => {
    expect(firstFactorRequest.parse({ username: 'bob', password: 'x', targetURL: 1 }).targetURL).toBe('');
  });
});

it('a sign-out needs no body of any kind', () => {
  expect(logoutRequest.parse({})).toEqual({ targetURL: '' });
});
