import { describe, expect, test } from 'vitest';
import { redirectLocation } from './redirect-location.js';
import { maxAddressLength } from './target.js';

const portal = 'https://auth.example.com';
const oneX = 'https://one.example.com/x';
const toOneX = 'rd=https%3A%2F%2Fone.example.com%2Fx&rm=GET';

describe('a visitor is sent to the portal with the address asked for', () => {
  test.each([
    ['https://one.example.com/', 'https%3A%2F%2Fone.example.com%2F'],
    ['https://one.example.com', 'https%3A%2F%2Fone.example.com'],
    ['https://ONE.example.com/', 'https%3A%2F%2FONE.example.com%2F'],
    ['HTTPS://one.example.com/', 'https%3A%2F%2Fone.example.com%2F'],
    ['https://one.example.com:8443/', 'https%3A%2F%2Fone.example.com%3A8443%2F'],
    ['wss://one.example.com/ws', 'wss%3A%2F%2Fone.example.com%2Fws'],
    ['https://one.example.com/a/b?c=d&e=f%20g', 'https%3A%2F%2Fone.example.com%2Fa%2Fb%3Fc%3Dd%26e%3Df%2520g'],
    ['https://api.example.com/v1/admin?x', 'https%3A%2F%2Fapi.example.com%2Fv1%2Fadmin%3Fx'],
    ["https://one.example.com/~*()'!$,;:@&=+-._", 'https%3A%2F%2Fone.example.com%2F~%2A%28%29%27%21%24%2C%3B%3A%40%26%3D%2B-._'],
    ['https://one.example.com/%C3%A9', 'https%3A%2F%2Fone.example.com%2F%25C3%25A9'],
    ['https://one.example.com/a|b^c`d{e}', 'https%3A%2F%2Fone.example.com%2Fa%257Cb%255Ec%2560d%257Be%257D'],
    ['https://one.example.com/a b', 'https%3A%2F%2Fone.example.com%2Fa%2520b'],
    ['https://one.example.com/?a=b c', 'https%3A%2F%2Fone.example.com%2F%3Fa%3Db+c'],
  ])('%s', (target, rd) => {
    expect(redirectLocation(portal, target, 'GET')).toBe(`https://auth.example.com/?rd=${rd}&rm=GET`);
  });

  test('with the bytes of a header that are not ASCII', () => {
    expect(redirectLocation(portal, 'https://one.example.com/\xc3\xa9?q=\xc3\xa9', 'GET')).toBe(
      'https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2F%25C3%25A9%3Fq%3D%C3%A9&rm=GET',
    );
  });

  test('with the method asked for', () => {
    expect(redirectLocation(portal, oneX, 'PROPFIND')).toBe('https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2Fx&rm=PROPFIND');
  });

  test('without a method where none is known', () => {
    expect(redirectLocation(portal, oneX, '')).toBe('https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2Fx');
  });
});

describe('the address of the portal is kept', () => {
  test.each([
    ['https://auth.example.com', 'https://auth.example.com/?'],
    ['https://auth.example.com/', 'https://auth.example.com/?'],
    ['https://auth.example.com:9443/', 'https://auth.example.com:9443/?'],
    ['https://example.com/sso/', 'https://example.com/sso/?'],
    ['https://auth.example.com/?a=b', 'https://auth.example.com/?a=b&'],
    ['https://auth.example.com?theme=dark', 'https://auth.example.com/?', '&theme=dark'],
    ['https://auth.example.com/?z=1&a=2&a=1', 'https://auth.example.com/?a=2&a=1&', '&z=1'],
    ['https://auth.example.com/?rd=https%3A%2F%2Fevil.test&rm=PUT', 'https://auth.example.com/?'],
    ['https://auth.example.com/?a=1;2&b=%zz&c=x%20y+z', 'https://auth.example.com/?c=x+y+z&'],
  ])('%s', (address, before, after = '') => {
    expect(redirectLocation(address, oneX, 'GET')).toBe(before + toOneX + after);
  });
});

describe('a redirect does not grow without end', () => {
  test('an address too long for a header is left out', () => {
    const target = `https://one.example.com/${'/'.repeat(3000)}`;
    expect(redirectLocation('https://auth.example.com/?a=b', target, 'GET')).toBe('https://auth.example.com/?a=b');
    expect(redirectLocation(portal, target, 'GET')).toBe('https://auth.example.com/');
  });

  test('an address that just fits is kept', () => {
    const fixed = redirectLocation(portal, 'https://one.example.com/', 'GET').length;
    const fits = `https://one.example.com/${'a'.repeat(maxAddressLength - fixed)}`;
    expect(redirectLocation(portal, fits, 'GET')).toHaveLength(maxAddressLength);
    expect(redirectLocation(portal, `${fits}a`, 'GET')).toBe('https://auth.example.com/');
  });

  test('a portal behind its own gate does not wrap its own redirect again', () => {
    const first = redirectLocation(portal, 'https://auth.example.com/', 'GET');
    expect(first).toBe('https://auth.example.com/?rd=https%3A%2F%2Fauth.example.com%2F&rm=GET');
    expect(redirectLocation(portal, first, 'GET')).toBe('https://auth.example.com/');
  });

  test('an `rd` that belongs to another site is kept', () => {
    expect(redirectLocation(portal, 'https://one.example.com/?rd=x', 'GET')).toContain('rd%3Dx');
  });
});
