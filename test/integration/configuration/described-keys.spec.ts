import { configurationKeys, configurationTables, keyDescriptions, parseConfiguration } from '@portcullis/contracts-configuration';
import { loadConfiguration, reportProblems } from '@portcullis/platform-config';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { sections } from './sections.js';

type Tree = Record<string, unknown>;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'described-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What the base lacks of the sections around a key. */
function surroundings(path: string): Tree {
  const base = parse(readFileSync(new URL('base.yml', import.meta.url), 'utf8')) as Tree;
  const backend = path.startsWith('authentication_backend.sql.') ? 'sql' : 'file';
  if (backend === 'sql') base['authentication_backend'] = { sql: {} };
  const algorithm = /(?:file|sql)\.password\.(\w+)\./u.exec(path)?.[1];
  if (algorithm !== undefined) set(base, `authentication_backend.${backend}.password.algorithm`, algorithm);
  if (path.startsWith('notifier.filesystem.')) base['notifier'] = { filesystem: { filename: '/n' } };
  if (path.startsWith('storage.postgres.')) {
    const tls = path.startsWith('storage.postgres.tls.') ? { tls: { server_name: 'db' } } : {};
    base['storage'] = { postgres: { address: 'tcp://db:5432', database: 'd', username: 'u', ...tls } };
  }
  if (path.startsWith('server.tls.')) set(base, 'server.tls', { certificate: '/c.pem', key: '/k.pem' });
  if (path.startsWith('session.redis.tls.')) set(base, 'session.redis.tls.server_name', 'redis');
  if (path.startsWith('session.redis.high_availability.'))
    set(base, 'session.redis.high_availability', { sentinel_name: 'm', nodes: [{ host: 's' }] });
  if (path.startsWith('server.endpoints.authz.')) {
    const strategy = { name: 'HeaderAuthorization', schemes: ['basic'] };
    set(base, 'server.endpoints.authz.probe', {
      implementation: 'ForwardAuth',
      authn_strategies: [path.endsWith('.name') ? { name: '' } : strategy],
    });
  }
  return base;
}

/** Lists are entered at their first entry; an operator's name is `probe`. */
function set(tree: Tree, path: string, value: unknown): void {
  const keys = path.replaceAll('[]', '.0').replaceAll('*', 'probe').split('.');
  let at: unknown = tree;
  keys.slice(0, -1).forEach((key, index) => {
    const parent = at as Tree;
    at = parent[key] ??= keys[index + 1] === '0' ? [] : {};
  });
  (at as Tree)[keys.at(-1) ?? ''] = value;
}

function read(tree: Tree) {
  const file = join(directory, 'configuration.yml');
  writeFileSync(file, stringify(tree));
  const loaded = loadConfiguration({ files: [file], environment: {}, tables: configurationTables });
  const parsed = parseConfiguration(loaded.tree, sections, { directory, makeSecret: () => 'fresh' });
  const errors = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources).filter(({ severity }) => severity === 'error');
  return { value: parsed.ok ? parsed.value : null, errors };
}

function written(path: string, value: string): unknown {
  const kind = configurationKeys[path]?.kind;
  if (kind === 'integer') return Number(value);
  return kind === 'boolean' ? value === 'true' : value;
}

const described = Object.entries(keyDescriptions);
const honoured = described.filter(([path]) => configurationKeys[path]?.state === 'used');

describe('what the page says of a key', () => {
  it.each(honoured.flatMap(([path, { standard }]) => (standard === undefined ? [] : [[path, standard] as const])))(
    'is its default: %s is %s where it is not written',
    (path, standard) => {
      const without = surroundings(path);
      const withIt = surroundings(path);
      unset(without, path);
      set(withIt, path, written(path, standard));
      expect(read(withIt).errors).toEqual([]);
      expect(read(withIt).value).toEqual(read(without).value);
    },
  );

  it.each(honoured.flatMap(([path, { words = [] }]) => words.map((word) => [path, word] as const)))('are its words: %s takes %s', (path, word) => {
    const tree = surroundings(path);
    set(tree, path, written(path, word));
    expect(read(tree).errors).toEqual([]);
  });

  it.each(honoured.flatMap(([path, { words }]) => (words === undefined ? [] : [path])))('are all its words: %s takes no other', (path) => {
    const tree = surroundings(path);
    set(tree, path, configurationKeys[path]?.kind === 'integer' ? 99 : 'something_else');
    expect(read(tree).errors.length).toBeGreaterThan(0);
  });
});

function unset(tree: Tree, path: string): void {
  const keys = path.replaceAll('[]', '.0').replaceAll('*', 'probe').split('.');
  const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], tree) as Tree | undefined;
  if (parent !== undefined) Reflect.deleteProperty(parent, keys.at(-1) ?? '');
}
