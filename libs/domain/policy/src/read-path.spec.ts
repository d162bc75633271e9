import { describe, expect, test } from 'vitest';
import { cleanPath, readPath } from './read-path.js';

describe('a path that has one meaning', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b/'],
    ['/.well-known/acme-challenge/x', '/.well-known/acme-challenge/x'],
    ['/a/.hidden', '/a/.hidden'],
    ['/...', '/...'],
    ["/*:@!$&'()+,=~-_", "/*:@!$&'()+,=~-_"],
    ['/%61bc', '/abc'],
    ['/my%20files', '/my files'],
    ['/caf%C3%A9', '/café'],
    ['/caf\xc3\xa9', '/café'],
    ['/100%25', '/100%'],
    ['/a%3Fb', '/a?b'],
    ['/[x]{y}|z', '/[x]{y}|z'],
    ['', '.'],
  ])('%j reads as %j', (raw, path) => {
    expect(readPath(raw)).toEqual({ path, otherPaths: [] });
  });
});

describe('a path that can be read in more than one way', () => {
  test.each([
    ['/public/../v1/admin', '/v1/admin', '/public/../v1/admin'],
    ['/public/%2e%2e/v1/admin', '/v1/admin', '/public/../v1/admin'],
    ['/public/..%2fv1/admin', '/v1/admin', '/public/..%2fv1/admin'],
    ['/public/%2E%2E%2Fv1', '/v1', '/public/%2E%2E%2Fv1'],
    ['//admin', '/admin', '//admin'],
    ['/v1//admin', '/v1/admin', '/v1//admin'],
    ['/./public', '/public', '/./public'],
    ['/a/.', '/a', '/a/.'],
    ['/../../etc', '/etc', '/../../etc'],
    ['/a/../', '//', '/'],
    ['/a%2fb', '/a/b', '/a%2fb'],
    ['/public/%252e%252e%252fv1', '/public/%2e%2e%2fv1', '/v1'],
    ['/public/%25252e%25252e/v1', '/public/%252e%252e/v1', '/v1'],
    ['/caf%C3%A9/%252e%252e/v1', '/café/%2e%2e/v1', '/v1'],
    ['/%25zz/%252e%252e/v1', '/%zz/%2e%2e/v1', '/v1'],
    ['/%25ff%252e/x', '/%ff%2e/x', '/\uFFFD./x'],
    ['/admin;/..', '/', '/admin/..'],
    ['/public;/../v1/admin', '/v1/admin', '/public/../v1/admin'],
    ['/app;jsessionid=1/x', '/app;jsessionid=1/x', '/app/x'],
    ['/a\\..\\b', '/a\\..\\b', '/b'],
    ['/a%5c..%5cb/', '/a\\..\\b/', '/b/'],
    ['/a%5cb', '/a\\b', '/a/b'],
  ])('%j reads as %j and also as %j', (raw, path, other) => {
    const reading = readPath(raw);
    expect(reading?.path).toBe(path);
    expect(reading?.otherPaths).toContain(other);
    expect(reading?.otherPaths).not.toContain(path);
  });

  test('keeps the form it came in as a reading of its own', () => {
    expect(readPath('/public/%2e%2e/v1')?.otherPaths).toContain('/public/%2e%2e/v1');
  });
});

describe('a path is refused that', () => {
  test.each([
    ['has a malformed escape', '/%zz'],
    ['has a lone percent sign', '/%'],
    ['breaks off inside an escape', '/%2'],
    ['is not UTF-8', '/%ff'],
    ['is not UTF-8 in bytes of its own', '/\xff'],
    ['has an overlong slash', '/%c0%af'],
    ['has half a surrogate pair', '/%ed%a0%80'],
    ['holds a character that is no byte', '/\u2603'],
    ['has a NUL', '/%00'],
    ['has a line feed', '/a%0ab'],
    ['has a carriage return', '/a%0d%0ab'],
    ['has a tab', '/a%09b'],
    ['has a delete character', '/a%7fb'],
    ['has a control character of its own', '/a\x01b'],
    ['hides a NUL behind two encodings', '/admin%2500.css'],
    ['is encoded over and over', '/%2525252525252e'],
    ['has a blank', '/a b'],
    ['has a fragment', '/a#b'],
    ['has a query', '/a?b'],
    ['does not begin with a slash', 'a/b'],
    ['is a star', '*'],
  ])('%s', (_, raw) => {
    expect(readPath(raw)).toBeNull();
    expect(cleanPath(raw)).toBeNull();
  });
});

test('cleanPath is the first reading alone', () => {
  expect(cleanPath('/bypass/%2e%2e//a/x')).toBe('/a/x');
});
