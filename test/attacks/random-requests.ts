import fc from 'fast-check';
import type { EndpointName } from './world.js';

/** Somebody's browser, or none, or one with something made up in it. */
export type Who = 'nobody' | 'john' | 'mary' | 'zoe' | 'garbage' | 'two cookies';

export interface RandomRequest {
  readonly endpoint: EndpointName;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly method: string;
  readonly who: Who;
  readonly ip: string;
  /** Headers that a proxy would not send. */
  readonly noise: readonly (readonly [name: string, value: string])[];
}

const HOSTS = [
  'public',
  'mixed',
  'loose',
  'tight',
  'admin',
  'app',
  'bank',
  'inside',
  'banned',
  'cors',
  'john.home',
  'mary.home',
  'x.lan',
  'auth',
  'nothing',
].map((name) => `${name}.example.com`);
const ODD_HOSTS = [
  'PUBLIC.example.com',
  'Admin.Example.Com',
  'admin.example.com:443',
  'public.example.com:99999',
  'public.example.com.',
  'example.com',
  'evilexample.com',
  'public.example.com.evil.test',
  'x@public.example.com',
  'public.example.com,admin.example.com',
  '[::1]',
  '',
  ' ',
  'public.example.com ',
  'public.other.test',
  'app.other.test',
  '*.example.com',
  '{user}.home.example.com',
  'public%2eexample.com',
  '\u00e4.example.com',
  'xn--a.example.com',
  '.example.com',
  'admin..example.com',
  'a'.repeat(300),
];
const PATHS = [
  '/',
  '/public',
  '/public/',
  '/public/a',
  '/admin',
  '/admin/',
  '/admin/x',
  '/status',
  '/private',
  '/a/b/c',
  '/%61dmin',
  '/a%20b',
  '/publicx',
];
const ODD_PATHS = [
  '',
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/public/..%2fadmin',
  '//admin',
  '/admin//',
  '/./admin',
  '/admin/.',
  '/public/..;/admin',
  '/%2561dmin',
  '/%252e%252e/admin',
  '/public\\admin',
  '/%',
  '/%zz',
  '/%ff',
  '/%00',
  '/a#b',
  '/a b',
  'public',
  '?x',
  '/\u00e4',
  '/%c3%a4',
  '/%ef%bc%8fadmin',
  '/admin%2f',
  '/admin;x',
  '/public/%2e%2e%2f%2e%2e%2fadmin',
  `/${'a'.repeat(3000)}`,
];
const QUERIES = ['', 'x=1', 'path=/status', '/status', '/public', 'a=b&c=d', '%zz', 'x=1;y=2', 'rd=https://evil.test', '?', '/../admin'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE', 'PROPFIND'];
const ODD_METHODS = ['get', 'GETx', '', 'OPTIONS,GET', 'A'.repeat(40), '*', 'G-ET'];
const IPS = ['203.0.113.7', '10.1.2.3', '198.51.100.9', '2001:db8::1', 'fd00::1', '::ffff:10.0.0.1'];
const ODD_IPS = [
  '',
  'a',
  '10.0.0.1, 203.0.113.7',
  '203.0.113.7, 10.0.0.1',
  '10.0.0.1,a',
  ',',
  '10.0.0.1:80',
  '[::1]',
  '1.2.3',
  '10.0.0.1, ',
  'unknown',
  '127.0.0.1',
  '999.1.1.1',
];
const NOISE_NAMES = [
  'Remote-User',
  'Remote_User',
  'Remote.Groups',
  'REMOTE-EMAIL',
  'X-Original-URL',
  'X-Original-Method',
  'X-Forwarded-Host',
  'X-Forwarded-URI',
  'X-Forwarded-Uri',
  'X-Forwarded-Proto',
  'X-Forwarded-Method',
  'X-HTTP-Method-Override',
  'Forwarded',
  'X-Real-IP',
  'X-Authelia-URL',
  'Accept',
  'X-Requested-With',
  'Proxy-Authorization',
  'Authorization',
  'Range',
  'If-None-Match',
  'Expect',
  'X-Rewrite-URL',
  'User-Agent',
];
const NOISE_VALUES = [
  'mary',
  'admins',
  'https://public.example.com/',
  'https://auth.example.com/',
  'public.example.com',
  '/public',
  'OPTIONS',
  'https',
  'http',
  'Basic am9objp3cm9uZw==',
  'Basic !!!',
  'Bearer x',
  '',
  'XMLHttpRequest',
  '*/*',
  'bytes=0-1',
  '*',
  '10.0.0.1',
  'host=public.example.com',
  '100-continue',
  '\u00ff',
];

const often = <T>(usual: readonly T[], odd: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 5 }, { arbitrary: fc.constantFrom(...odd), weight: 1 });
/** Anything that a header may hold. */
const anyText = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0xff })
    .filter((code) => code !== 0x7f && (code < 0x80 || code > 0x9f))
    .map((code) => String.fromCharCode(code)),
  maxLength: 12,
});

export const randomRequest: fc.Arbitrary<RandomRequest> = fc.record({
  endpoint: fc.constantFrom<EndpointName>('auth-request', 'forward-auth', 'legacy'),
  scheme: often(['https'], ['wss', 'HTTPS', 'http', 'ftp', '', 'https:', 'javascript']),
  host: fc.oneof({ arbitrary: often(HOSTS, ODD_HOSTS), weight: 9 }, { arbitrary: anyText.map((text) => `${text}.example.com`), weight: 1 }),
  path: fc.oneof(
    { arbitrary: often(PATHS, ODD_PATHS), weight: 6 },
    { arbitrary: anyText.map((text) => `/${text}`), weight: 1 },
    { arbitrary: fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...ODD_PATHS)).map(([a, b]) => a + b), weight: 1 },
  ),
  query: fc.constantFrom(...QUERIES),
  method: often(METHODS, ODD_METHODS),
  who: fc.constantFrom<Who>('nobody', 'john', 'mary', 'zoe', 'garbage', 'two cookies'),
  ip: often(IPS, ODD_IPS),
  noise: fc.oneof(
    { arbitrary: fc.constant([]), weight: 2 },
    {
      arbitrary: fc.array(fc.tuple(fc.constantFrom(...NOISE_NAMES), fc.oneof(fc.constantFrom(...NOISE_VALUES), anyText)), { maxLength: 3 }),
      weight: 1,
    },
  ),
});
