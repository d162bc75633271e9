import { describe, expect, it } from 'vitest';
import { isSameOrigin } from './same-origin.js';
import type { PortalOrigin } from '../verify/target.js';

const portal: PortalOrigin = { scheme: 'https', host: 'auth.example.com', authority: 'auth.example.com', ip: '::1' };

describe('a change is taken', () => {
  it.each<[string, PortalOrigin, string | undefined, string | undefined]>([
    ['from a script, which says nothing of where it is', portal, undefined, undefined],
    ['from the portal’s own page', portal, 'same-origin', 'https://auth.example.com'],
    ['from the portal in capitals', portal, 'same-origin', 'https://AUTH.example.com'],
    ['from a browser that knows Origin alone', portal, undefined, 'https://auth.example.com'],
    ['typed by a person', portal, 'none', undefined],
    ['from the portal on a port', { ...portal, authority: 'auth.example.com:8443' }, 'same-origin', 'https://auth.example.com:8443'],
    ['from the portal whose proxy names the usual port', { ...portal, authority: 'auth.example.com:443' }, 'same-origin', 'https://auth.example.com'],
    ['from the demonstration over http', { ...portal, scheme: 'http', authority: 'auth.localhost:80' }, 'same-origin', 'http://auth.localhost'],
  ])('%s', (_, origin, site, header) => {
    expect(isSameOrigin(origin, site, header)).toBe(true);
  });
});

describe('a change is refused (attack 58)', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['from another site', 'cross-site', 'https://evil.test'],
    ['from a sibling host', 'same-site', 'https://one.example.com'],
    ['from a sibling whose browser knows Origin alone', undefined, 'https://one.example.com'],
    ['from a page without an origin', undefined, 'null'],
    ['from a page without an origin that is somehow the same', 'same-origin', 'null'],
    ['over http', 'same-origin', 'http://auth.example.com'],
    ['from another port', 'same-origin', 'https://auth.example.com:8443'],
    ['from a host that begins like it', undefined, 'https://auth.example.com.evil.test'],
    ['from a site that hides its Origin', 'cross-site', undefined],
    ['with a word nobody knows', 'somewhere', 'https://auth.example.com'],
    ['with two origins', undefined, 'https://auth.example.com, https://evil.test'],
    ['with an empty origin', undefined, ''],
  ])('%s', (_, site, header) => {
    expect(isSameOrigin(portal, site, header)).toBe(false);
  });
});
