import { describe, expect, it } from 'vitest';
import { rewriteYaml } from './rewrite-yaml.js';
import type { Mapping } from './tables.js';

const mappings: readonly Mapping[] = [
  { kind: 'rename', from: 'jwt_secret', to: 'identity.reset.jwt_secret', note: 'n' },
  { kind: 'rename', from: 'host', to: 'server.host', note: 'n' },
  { kind: 'rename', from: 'log_level', to: 'log.level', note: 'n' },
  { kind: 'rename', from: 'log_file', to: 'log.file', note: 'n' },
  {
    kind: 'combine',
    from: ['server.host', 'server.port'],
    to: 'server.address',
    note: 'n',
    combine: ({ 'server.host': host = '', 'server.port': port = 9091 }) => ['tcp://', host, ':', port].join(''),
  },
  { kind: 'rename', from: 'session.lifetime', to: 'session.expiration', note: 'n' },
  { kind: 'drop', from: 'ldap.old', note: 'no effect' },
  { kind: 'refuse', from: 'analytics', note: 'gone', fix: 'remove it' },
  {
    kind: 'rename',
    from: 'rules[].path',
    to: 'rules[].resources',
    note: 'n',
    convert: (value) => (String(value).startsWith('/') ? { value: [`^${String(value)}([/?].*)?$`] } : { error: 'no path' }),
  },
];

function rewrite(text: string) {
  const rewritten = rewriteYaml(text, mappings);
  if (!rewritten.ok) throw new Error(rewritten.message);
  return rewritten;
}

describe('rewriteYaml', () => {
  it.each([
    ['session:\n  # how long\n  lifetime: "1h" # an hour\n', 'session:\n  # how long\n  expiration: "1h" # an hour\n'],
    [
      "theme: dark\n\n# for links\njwt_secret: 'a b' # secret\nlog: {}\n",
      "theme: dark\n\n# for links\nidentity:\n  reset:\n    jwt_secret: 'a b' # secret\nlog: {}\n",
    ],
    [
      'jwt_secret: a\nidentity:\n  # there\n  other: 1\n',
      'identity:\n  # there\n  other: 1\n  jwt_secret: a\n'.replace('  jwt_secret: a', '  reset:\n    jwt_secret: a'),
    ],
    ['log_level: debug\nlog_file: /l\n', 'log:\n  level: debug\n  file: /l\n'],
    ['log_level: debug\nlog:\n', 'log:\n  level: debug\n'],
    [
      'server:\n  host: 0.0.0.0 # everywhere\n  port: "9000" # the port\n  other: 1\n',
      'server:\n  # the port\n  address: tcp://0.0.0.0:9000 # everywhere\n  other: 1\n',
    ],
    ['host: h # old\nserver: {port: 1}\n', 'server:\n  {\n    address: tcp://h:1 # old\n  }\n'],
    ['ldap:\n  # why\n  old: true\ntheme: x\n', 'theme: x\n'],
    ['rules:\n- path: /admin # all of it\n  policy: deny\n', "rules:\n- # all of it\n  resources:\n  - '^/admin([/?].*)?$'\n  policy: deny\n"],
    ['rules:\n    - {path: /a, policy: deny}\n', "rules:\n    - {resources: ['^/a([/?].*)?$'], policy: deny}\n"],
    ['a: 007\nb: 0x1F\nc: yes\nd:\ne: ~\nsession: {lifetime: 1e3}\n', 'a: 007\nb: 0x1F\nc: yes\nd:\ne: ~\nsession: {expiration: 1e3}\n'],
  ])('makes of %j %j', (text, expected) => {
    expect(rewrite(text).after).toBe(expected);
  });

  it('tells of each change at its line of the file', () => {
    const { changes, left } = rewrite('theme: dark\nlog_level: debug\nserver:\n  host: a\n  port: 1\nrules:\n  - path: /a\nldap: {old: true}\n');
    expect(changes.map(({ line, path, message }) => `${line} ${path} ${message}`)).toEqual([
      '2 log_level is log.level today',
      '4 server.host is part of server.address today',
      '5 server.port is part of server.address today',
      '8 ldap.old taken out: no effect',
      '7 rules[0].path is rules[].resources today'.replace('rules[].', 'rules[0].'),
    ]);
    expect(left).toEqual([]);
  });

  it.each([
    ['log_level: debug\nlog: {level: info}\n', 'log_level', 'log.level is set too'],
    ['server: {host: a, address: tcp://b}\n', 'server.host', 'server.address is set too'],
    ['analytics: x\n', 'analytics', 'gone: remove it'],
    ['rules: [{path: x}]\n', 'rules[0].path', 'no path'],
    ['log_level: debug\nlog: all\n', 'log_level', 'a plain value stands where the section of log.level would be'],
  ])('leaves %j to a person', (text, path, message) => {
    const { before, after, changes, left } = rewrite(text);
    expect(after).toBe(before);
    expect(changes).toEqual([]);
    expect(left).toEqual([{ path, line: 1, message: expect.stringContaining(message) }]);
  });

  it('changes nothing the second time', () => {
    const { after } = rewrite('# one\njwt_secret: a # two\nhost: h\nport: 1\nlog_level: debug\nlog_file: /l\nrules: [{path: /a}]\n');
    const again = rewrite(after);
    expect([again.after, again.changes]).toEqual([again.before, []]);
    expect(again.before).toBe(after);
  });

  it('leaves what stands behind an alias, and what is empty', () => {
    const text = 'a: &a {lifetime: 1h}\nsession: *a\njwt_secret:\n';
    expect(rewrite(text).after).toBe(rewrite(text).before);
  });

  it('says where a file is not YAML', () => {
    expect(rewriteYaml('a: 1\nb: [\n', mappings)).toMatchObject({
      ok: false,
      line: expect.any(Number),
      message: expect.stringContaining('not YAML'),
    });
  });
});
