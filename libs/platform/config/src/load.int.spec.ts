import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfiguration } from './load.js';
import type { ConfigurationTables } from './tables.js';

const tables: ConfigurationTables = {
  keys: {
    theme: 'string',
    'session.name': 'string',
    'session.secret': 'texts',
    'session.redis.host': 'string',
    'session.redis.port': 'integer',
    'session.redis.password': 'string',
    'session.cookies[].domain': 'string',
    'rules[].domain': 'strings',
    'storage.other': 'any',
  },
  mappings: [{ kind: 'rename', from: 'jwt_secret', to: 'session.secret', note: 'old' }],
  prefixes: ['NEW_', 'OLD_'],
  secretNames: ['secret', 'password'],
  reservedVariables: ['NEW_CONFIG', 'NEW_FILTERS', 'OLD_FILTERS'],
  filterVariables: ['NEW_FILTERS', 'OLD_FILTERS'],
  fileVariables: ['NEW_CONFIG', 'X_OLD_CONFIG'],
  defaultFile: 'default.yml',
  overlay: 'ours.yml',
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const load = (files: readonly string[], environment: Record<string, string> = {}) => loadConfiguration({ files, environment, tables });

describe('files', () => {
  it('merge in their order: maps key by key, lists as a whole', () => {
    const a = write('a.yml', 'theme: light\nsession: {name: a, redis: {host: h}}\nrules: [{domain: x}, {domain: y}]\n');
    const b = write('b.yml', 'session: {name: b}\nrules:\n  - domain: z\n');
    const { tree, problems, sources, directory: found } = load([a, b]);
    expect(problems).toEqual([]);
    expect(tree).toEqual({ theme: 'light', session: { name: 'b', redis: { host: 'h' } }, rules: [{ domain: ['z'] }] });
    expect(sources.get('rules[0].domain')).toEqual({ file: b, line: 3 });
    expect(sources.get('session.redis.host')).toEqual({ file: a, line: 2 });
    expect(sources.has('rules[1]')).toBe(false);
    expect(found).toBe(directory);
  });

  it('may be given joined by commas', () => {
    const a = write('a.yml', 'theme: light\n');
    const b = write('b.yml', 'theme: dark\n');
    expect(load([`${a},${b}`]).tree).toEqual({ theme: 'dark' });
  });

  it('of a directory are its own YAML files by name', () => {
    const conf = join(directory, 'conf');
    mkdirSync(join(conf, 'deeper.yml'), { recursive: true });
    write('conf/2.yaml', 'theme: two\n');
    write('conf/1.yml', 'theme: one\nsession: {name: one}\n');
    write('conf/3.txt', 'theme: three\n');
    write('conf/deeper.yml/9.yml', 'theme: nine\n');
    expect(load([conf]).tree).toEqual({ theme: 'two', session: { name: 'one' } });
  });

  it('are followed by our own beside the first, once', () => {
    const a = write('a.yml', 'theme: light\n');
    const ours = write('ours.yml', 'theme: ours\n');
    expect(load([a]).tree).toEqual({ theme: 'ours' });
    expect(load([directory]).tree).toEqual({ theme: 'ours' });
    expect(load([a]).watched).toEqual([a, ours]);
  });

  it('are watched for our own before it is there', () => {
    const a = write('a.yml', 'theme: light\n');
    expect(load([a]).watched).toEqual([a, join(directory, 'ours.yml')]);
  });

  it('are named by flag, else by the stronger variable', () => {
    const a = write('a.yml', 'theme: a\n');
    const b = write('b.yml', 'theme: b\n');
    const c = write('c.yml', 'theme: c\n');
    expect(load([a], { NEW_CONFIG: b }).tree).toEqual({ theme: 'a' });
    expect(load([], { NEW_CONFIG: b, X_OLD_CONFIG: c }).tree).toEqual({ theme: 'b' });
    expect(load([], { X_OLD_CONFIG: c }).tree).toEqual({ theme: 'c' });
  });

  it('that are missing or broken are all reported, and the others are read', () => {
    const a = write('a.yml', 'theme: light\n');
    const broken = write('broken.yml', 'x:\n\ty: 1\n');
    const missing = join(directory, 'missing.yml');
    const { tree, problems } = load([a, broken, missing]);
    expect(tree).toEqual({ theme: 'light' });
    expect(problems).toMatchObject([
      { severity: 'error', file: broken, line: 2 },
      { severity: 'error', file: missing },
    ]);
  });

  it('give one hash for one content, whatever the order of keys', () => {
    const a = write('a.yml', 'theme: light\nsession: {name: a, secret: s}\n');
    const b = write('b.yml', 'session: {secret: s, name: a}\ntheme: light\n');
    const c = write('c.yml', 'session: {secret: t, name: a}\ntheme: light\n');
    expect(load([a]).hash).toBe(load([b]).hash);
    expect(load([a]).hash).not.toBe(load([c]).hash);
  });
});

describe('the environment', () => {
  it('wins over the files, and the stronger prefix over the other', () => {
    const a = write('a.yml', 'session: {name: a, redis: {host: h, port: 1}}\n');
    const { tree, problems, sources } = load([a], { OLD_SESSION_NAME: 'old', NEW_SESSION_NAME: 'new', OLD_SESSION_REDIS_PORT: '6380' });
    expect(problems).toEqual([]);
    expect(tree).toEqual({ session: { name: 'new', redis: { host: 'h', port: 6380 } } });
    expect(sources.get('session.name')).toEqual({ file: 'environment: NEW_SESSION_NAME' });
  });

  it('knows old names', () => {
    const { tree, problems } = load([write('a.yml', '')], { OLD_JWT_SECRET: 's' });
    expect(tree).toEqual({ session: { secret: ['s'] } });
    expect(problems).toMatchObject([{ severity: 'warning', path: 'jwt_secret', file: 'environment: OLD_JWT_SECRET' }]);
  });

  it('does not set a key by an empty variable', () => {
    expect(load([write('a.yml', 'theme: light\n')], { OLD_THEME: '' }).tree).toEqual({ theme: 'light' });
  });

  it('reaches below a key that is not looked into', () => {
    expect(load([write('a.yml', '')], { OLD_STORAGE_OTHER_HOST_NAME: 'h' }).tree).toEqual({ storage: { other: { host_name: 'h' } } });
  });

  it('warns of a variable that is no key, with the one that was meant', () => {
    const { problems } = load([write('a.yml', '')], { NEW_SESSION_NAM: 'x', UNRELATED: 'y', NEW_CONFIG: '' });
    expect(problems).toMatchObject([
      { severity: 'warning', message: 'configuration environment variable not expected: NEW_SESSION_NAM', fix: 'did you mean NEW_SESSION_NAME?' },
    ]);
  });

  it('is not misled by the service links of Kubernetes', () => {
    const { tree, problems } = load([write('a.yml', '')], {
      OLD_SESSION_REDIS_PORT: 'tcp://10.0.0.1:6379',
      OLD_PORT_9091_TCP: 'tcp://10.0.0.1:9091',
    });
    expect(tree).toEqual({});
    expect(problems.map(({ severity, fix }) => [severity, fix])).toEqual(Array(2).fill(['warning', 'set `enableServiceLinks: false` in the pod']));
  });

  it('cannot put a key below a plain value', () => {
    expect(load([write('a.yml', 'session: x\n')], { OLD_SESSION_NAME: 'n' }).problems).toContainEqual(
      expect.objectContaining({ severity: 'error', path: 'session.name', file: 'environment: OLD_SESSION_NAME' }),
    );
  });
});

describe('secrets in files', () => {
  it('are read without the line ends behind them', () => {
    const secret = write('secret', ' s e \n\r\n');
    const { tree, problems } = load([write('a.yml', '')], { OLD_SESSION_SECRET_FILE: secret, NEW_SESSION_REDIS_PASSWORD_FILE: secret });
    expect(problems).toEqual([]);
    expect(tree).toEqual({ session: { secret: [' s e '], redis: { password: ' s e ' } } });
  });

  it('must not be defined elsewhere too', () => {
    const secret = write('secret', 's');
    const inFile = load([write('a.yml', 'session: {secret: x}\n')], { OLD_SESSION_SECRET_FILE: secret });
    const inVariable = load([write('b.yml', '')], { OLD_SESSION_SECRET_FILE: secret, OLD_SESSION_SECRET: 'x' });
    for (const { tree, problems } of [inFile, inVariable]) {
      expect(tree).toEqual({ session: { secret: ['x'] } });
      expect(problems).toMatchObject([{ severity: 'error', path: 'session.secret', file: 'environment: OLD_SESSION_SECRET_FILE' }]);
      expect(problems[0]?.message).toContain('already defined in other configuration sources');
    }
  });

  it('of the stronger prefix win', () => {
    const files = { OLD_SESSION_SECRET_FILE: write('old', 'o'), NEW_SESSION_SECRET_FILE: write('new', 'n') };
    expect(load([write('a.yml', '')], files)).toMatchObject({ tree: { session: { secret: ['n'] } }, problems: [] });
  });

  it('that cannot be read are an error', () => {
    expect(load([write('a.yml', '')], { OLD_SESSION_SECRET_FILE: join(directory, 'none') }).problems).toMatchObject([
      { severity: 'error', path: 'session.secret' },
    ]);
  });

  it('are for secrets alone', () => {
    expect(load([write('a.yml', '')], { OLD_THEME_FILE: write('theme', 'dark') }).problems).toMatchObject([
      { severity: 'warning', message: 'configuration environment variable not expected: OLD_THEME_FILE' },
    ]);
  });
});
