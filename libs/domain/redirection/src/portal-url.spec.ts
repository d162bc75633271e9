import { describe, expect, test } from 'vitest';
import { isPortalUrlAllowed, type PortalUrlSource } from './portal-url.js';

const configured = 'https://auth.example.com';

describe('the portal that a request names is taken', () => {
  test.each<[string, PortalUrlSource]>([
    ['https://auth.example.com', 'rd'],
    ['https://auth.example.com/', 'rd'],
    ['https://AUTH.example.com/', 'rd'],
    ['https://auth.example.com/?a=b', 'rd'],
    ['https://auth.example.com:9443/', 'rd'],
    ['https://auth.example.com', 'authelia_url'],
    ['https://auth.example.com/', 'authelia_url'],
    ['https://auth.example.com:443/', 'authelia_url'],
  ])('%s as %s', (override, source) => {
    expect(isPortalUrlAllowed(override, 'example.com', configured, source)).toBe(true);
  });

  test('below its path, with or without the last slash', () => {
    expect(isPortalUrlAllowed('https://example.com/sso', 'example.com', 'https://example.com/sso/', 'authelia_url')).toBe(true);
  });

  test('anywhere inside the cookie domain while no portal is configured', () => {
    expect(isPortalUrlAllowed('https://auth.example.com', 'example.com', null, 'rd')).toBe(true);
    expect(isPortalUrlAllowed('https://auth.example.com:8443/', 'example.com', null, 'authelia_url')).toBe(true);
  });

  test('over plain http below .localhost', () => {
    const portal = 'http://auth.portcullis.localhost:8080/';
    expect(isPortalUrlAllowed(portal, 'portcullis.localhost', portal, 'authelia_url')).toBe(true);
  });
});

describe('the portal that a request names is refused', () => {
  test.each<[string, string, PortalUrlSource]>([
    ['a neighbour below the same domain', 'https://sso.example.com/', 'authelia_url'],
    ['a neighbour on another port', 'https://sso.example.com:8443', 'authelia_url'],
    ['a neighbour, from the legacy endpoint', 'https://sso.example.com/', 'rd'],
    ['another port of the portal', 'https://auth.example.com:9443/', 'authelia_url'],
    ['a query of its own', 'https://auth.example.com/?rd=x', 'authelia_url'],
    ['another path', 'https://auth.example.com/logout', 'authelia_url'],
    ['plain http', 'http://auth.example.com/', 'rd'],
    ['plain http', 'http://auth.example.com/', 'authelia_url'],
    ['a WebSocket address', 'wss://auth.example.com/', 'rd'],
    ['a strange host', 'https://evil.test/', 'rd'],
    ['the portal of another cookie domain', 'https://auth.other.test/', 'rd'],
    ['a host that begins like it', 'https://auth.example.com.evil.test/', 'rd'],
    ['userinfo', 'https://a@auth.example.com/', 'rd'],
    ['a fragment', 'https://auth.example.com/#/', 'rd'],
    ['an empty fragment', 'https://auth.example.com/#', 'rd'],
    ['no scheme', '//auth.example.com', 'rd'],
    ['a bare host', 'auth.example.com', 'rd'],
    ['javascript', 'javascript:alert(1)', 'rd'],
    ['a word', 'nonsense', 'authelia_url'],
    ['nothing', '', 'rd'],
  ])('with %s: %s as %s', (_, override, source) => {
    expect(isPortalUrlAllowed(override, 'example.com', configured, source)).toBe(false);
  });

  test.each(['http://auth.example.com/', 'https://evil.test/'])('while none is configured, if it is %s', (override) => {
    expect(isPortalUrlAllowed(override, 'example.com', null, 'rd')).toBe(false);
  });
});
