import { describe, expect, it } from 'vitest';
import {
  clearedResetCookie,
  clearedSessionCookie,
  type CookieSettings,
  deviceCookie,
  readResetGrant,
  resetCookie,
  sessionCookie,
} from './cookies.js';

const settings: CookieSettings = { cookieName: 'authelia_session', domain: 'example.com', sameSite: 'lax' };
const at = Date.UTC(2026, 10, 24, 1, 2, 3);

it('a session cookie is Secure and HttpOnly, for the whole domain, until the session ends', () => {
  expect(sessionCookie(settings, 'the-id', at)).toBe(
    'authelia_session=the-id; Expires=Tue, 24 Nov 2026 01:02:03 GMT; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
  );
});

it.each([
  ['none', 'None'],
  ['lax', 'Lax'],
  ['strict', 'Strict'],
] as const)('same_site %s is written %s', (sameSite, written) => {
  expect(sessionCookie({ ...settings, sameSite }, 'the-id', at)).toMatch(new RegExp(`; SameSite=${written}$`));
});

it('the cookie that deletes it has every attribute of the one that was set', () => {
  const attributes = (cookie: string): string[] => cookie.split('; ').filter((part) => !/^(?:authelia_session|Expires)=/.test(part));
  const cleared = clearedSessionCookie(settings);
  expect(cleared).toMatch(/^authelia_session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; /);
  expect(attributes(cleared)).toEqual(attributes(sessionCookie(settings, 'the-id', at)));
});

it('what a browser is known by is kept a year, from scripts, from other sites and from the applications', () => {
  expect(deviceCookie('the-secret', at)).toBe(
    'portcullis_device=the-secret; Expires=Wed, 24 Nov 2027 01:02:03 GMT; Path=/; HttpOnly; Secure; SameSite=Lax',
  );
});

describe('the right to set a new password', () => {
  const grant = 'g'.repeat(43);

  it('is a cookie of this host alone', () => {
    expect(resetCookie(grant, at)).toBe(
      `portcullis_reset=${grant}; Expires=Tue, 24 Nov 2026 01:02:03 GMT; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    expect(clearedResetCookie()).toBe('portcullis_reset=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Strict');
  });

  it.each([`portcullis_reset=${grant}`, `a=b; portcullis_reset=${grant}; c=d`, `a=b;portcullis_reset=${grant}`])('is found in %j', (header) => {
    expect(readResetGrant(header)).toBe(grant);
  });

  it.each([
    undefined,
    '',
    'portcullis_reset=',
    'portcullis_reset=short',
    `portcullis_reset=${'g'.repeat(257)}`,
    `portcullis_reset=${grant}"`,
    `Portcullis_reset=${grant}`,
    `x_portcullis_reset=${grant}`,
    `portcullis_reset2=${grant}`,
    `portcullis_reset=${grant}; portcullis_reset=${'h'.repeat(43)}`,
  ])('is not found in %j', (header) => {
    expect(readResetGrant(header)).toBeNull();
  });
});
