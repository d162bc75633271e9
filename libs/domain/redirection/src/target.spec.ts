import { expect, test } from 'vitest';
import { maxAddressLength, parseTarget } from './target.js';

test.each([
  ['https://one.example.com/a?b=c#d', { scheme: 'https', host: 'one.example.com', port: null, path: '/a', query: 'b=c', fragment: 'd' }],
  ['HTTPS://ONE.Example.com', { scheme: 'https', host: 'one.example.com', port: null, path: '', query: '', fragment: '' }],
  ['wss://one.example.com:8443/ws', { scheme: 'wss', host: 'one.example.com', port: 8443, path: '/ws', query: '', fragment: '' }],
  ['https://one.example.com?x', { scheme: 'https', host: 'one.example.com', port: null, path: '', query: 'x', fragment: '' }],
  ['https://[::1]:9091/', { scheme: 'https', host: '[::1]', port: 9091, path: '/', query: '', fragment: '' }],
  ['https://xn--n-0ga.example.com/', { scheme: 'https', host: 'xn--n-0ga.example.com', port: null, path: '/', query: '', fragment: '' }],
])('takes %s apart', (url, parts) => {
  expect(parseTarget(url)).toEqual(parts);
});

test.each([
  ['userinfo', 'https://good.example.com@evil.test/'],
  ['userinfo in front of an allowed host', 'https://evil.test@one.example.com/'],
  ['a name and a password', 'https://u:p@one.example.com/'],
  ['a backslash before the path', 'https://one.example.com\\@evil.test/'],
  ['a backslash in the path', 'https://one.example.com/\\evil'],
  ['a line break', 'https://one.example.com/\r\nX: y'],
  ['a tab in front', '\thttps://one.example.com/'],
  ['a tab inside the scheme', 'ht\ttps://one.example.com/'],
  ['a blank', 'https://one.example.com/a b'],
  ['a blank that is not ASCII', 'https://one.example.com/\u2003'],
  ['a NUL', 'https://one.example.com/\0'],
  ['a C1 control character', 'https://one.example.com/\u0085'],
  ['no host', 'https:///x'],
  ['nothing behind the slashes', 'https://'],
  ['one slash', 'https:/one.example.com/'],
  ['no slash', 'https:one.example.com'],
  ['no scheme', '//one.example.com/'],
  ['a path alone', '/x'],
  ['a backslash for a slash', '/\\evil.test'],
  ['nothing at all', ''],
  ['a word', 'nonsense'],
  ['a trailing dot', 'https://one.example.com./'],
  ['an empty label', 'https://one..example.com/'],
  ['a percent sign in the host', 'https://evil.test%2f.example.com/'],
  ['letters that are not ASCII in the host', 'https://оne.example.com/'],
  ['full-width letters in the host', 'https://ｏne.example.com/'],
  ['a host that a browser takes for an address', 'https://0x7f.1/'],
  ['a port that is no number', 'https://one.example.com:abc/'],
  ['a port without digits', 'https://one.example.com:/'],
  ['port 0', 'https://one.example.com:0/'],
  ['a port past the last', 'https://one.example.com:65536/'],
  ['javascript', 'javascript:alert(1)//one.example.com'],
  ['javascript with slashes', 'javascript://one.example.com/%0aalert(1)'],
  ['data', 'data:text/html,x'],
  ['ftp', 'ftp://one.example.com/'],
  ['an unfinished IPv6 address', 'https://[::1/'],
  ['more than 8 KiB', `https://one.example.com/${'a'.repeat(maxAddressLength)}`],
])('takes nothing from an address with %s', (_, url) => {
  expect(parseTarget(url)).toBeNull();
});
