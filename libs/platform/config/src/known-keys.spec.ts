import { describe, expect, it } from 'vitest';
import { KnownKeys } from './known-keys.js';
import { plain } from './located.js';
import { parseLocatedYaml } from './read-yaml.js';

const keys = new KnownKeys({
  theme: 'string',
  'session.name': 'string',
  'session.expiration': 'duration',
  'session.secret': 'texts',
  'session.cookies[].domain': 'string',
  'session.redis.port': 'integer',
  'session.redis.tls.skip_verify': 'boolean',
  'access.rules[].domain': 'strings',
  'access.rules[].query': 'any',
  'definitions.network.*': 'strings',
  'endpoints.*.name': 'string',
  interval: 'duration or word',
  'server.address': 'address',
});

const apply = (text: string) => {
  const { map } = parseLocatedYaml(text, 'x.yml');
  const problems = keys.apply(map);
  return { tree: plain(map), problems };
};

describe('values of known keys', () => {
  it.each([
    ['a number where a text is wanted', 'session: {name: 123}', { session: { name: '123' } }],
    ['a text where a number is wanted', "session: {redis: {port: '6379'}}", { session: { redis: { port: 6379 } } }],
    [
      'a text where true or false is wanted',
      "session: {redis: {tls: {skip_verify: 'True'}}}",
      { session: { redis: { tls: { skip_verify: true } } } },
    ],
    ['a duration', 'session: {expiration: 1h}', { session: { expiration: 3_600_000 } }],
    ['a text at its commas', 'access: {rules: [{domain: "a.b, c.d"}]}', { access: { rules: [{ domain: ['a.b', 'c.d'] }] } }],
    ['a text as it is', 'session: {secret: "a,b"}', { session: { secret: ['a,b'] } }],
    ['a list', 'session: {secret: [a, 2]}', { session: { secret: ['a', '2'] } }],
    ['what is not looked into', 'access: {rules: [{query: [[{a: 1}]]}]}', { access: { rules: [{ query: [[{ a: 1 }]] }] } }],
    ['names of the operator', 'definitions: {network: {home: 10.0.0.0/8}}', { definitions: { network: { home: ['10.0.0.0/8'] } } }],
    ['a word in the place of a duration', 'interval: always', { interval: 'always' }],
    ['a duration where a word may stand', 'interval: 5m', { interval: 300_000 }],
  ])('reads %s', (_, text, tree) => {
    expect(apply(text)).toEqual({ tree, problems: [] });
  });

  it('takes addresses apart', () => {
    expect(apply('server: {address: "tcp://:9091/"}').tree).toMatchObject({ server: { address: { scheme: 'tcp', port: 9091 } } });
  });

  it.each([
    ['session: {redis: {port: abc}}', 'session.redis.port', 'whole number'],
    ['session: {redis: {port: 1.5}}', 'session.redis.port', 'whole number'],
    ['session: {redis: {tls: {skip_verify: maybe}}}', 'session.redis.tls.skip_verify', 'true or false'],
    ['session: {expiration: 10x}', 'session.expiration', 'unit of time'],
    ['interval: 10x', 'interval', 'unit of time'],
    ['session: {name: [a]}', 'session.name', 'not a list'],
    ['session: {name: {a: b}}', 'session.name', 'not a section'],
    ['session: abc', 'session', 'section of keys'],
    ['session: {cookies: {domain: a.b}}', 'session.cookies', 'a list is expected'],
    ['session: {cookies: [a.b]}', 'session.cookies[0]', 'section of keys'],
    ['access: {rules: [{domain: [[a]]}]}', 'access.rules[0].domain', 'list within a list'],
    ['access: {rules: [{domain: [a, ]}, {domain: [~]}]}', 'access.rules[1].domain', 'entry of this list is empty'],
    ['definitions: {network: {home: {a: 1}}}', 'definitions.network.home', 'not a section'],
    ['server: {address: "http://x"}', 'server.address', 'scheme'],
  ])('refuses %s', (text, path, message) => {
    const { problems } = apply(text);
    expect(problems).toMatchObject([{ severity: 'error', path, file: 'x.yml', line: 1 }]);
    expect(problems[0]?.message).toContain(message);
  });

  it('keeps the numbers of the entries behind one that cannot be read', () => {
    expect(apply('access:\n  rules:\n    - text\n    - domain: a.b\n').tree).toEqual({ access: { rules: [{}, { domain: ['a.b'] }] } });
  });
});

describe('unknown keys', () => {
  it.each([
    ['session: {nmae: x}', 'session.nmae', 'session.nmae', 'did you mean session.name?'],
    ['session:\n  cookies:\n    - domin: x\n', 'session.cookies[0].domin', 'session.cookies[].domin', 'did you mean session.cookies[].domain?'],
    ['redis: {port: 1}', 'redis', 'redis', 'did you mean session.redis?'],
    ['expiration: 1h', 'expiration', 'expiration', 'did you mean session.expiration?'],
    ['cookies: []', 'cookies', 'cookies', 'did you mean session.cookies[]?'],
    ['endpoints: {mine: {nam: x}}', 'endpoints.mine.nam', 'endpoints.mine.nam', 'did you mean endpoints.mine.name?'],
    ['zzzzzz: 1', 'zzzzzz', 'zzzzzz', 'remove it'],
  ])('of %s are named, with the key that was meant', (text, path, pattern, fix) => {
    const { problems } = apply(text);
    expect(problems).toMatchObject([{ severity: 'error', path, message: `configuration key not expected: ${pattern}` }]);
    expect(problems[0]?.fix).toContain(fix);
  });

  it('are all named, and taken out', () => {
    const { tree, problems } = apply('theme: dark\nfoo: 1\nsession:\n  bar: {a: 1}\n  name: x\n');
    expect(problems.map(({ path, line }) => [path, line])).toEqual([
      ['foo', 2],
      ['session.bar', 4],
    ]);
    expect(tree).toEqual({ theme: 'dark', session: { name: 'x' } });
  });
});
