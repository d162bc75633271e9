import { describe, expect, it } from 'vitest';
import { plain, sourcesOf } from './located.js';
import { applyMappings } from './mappings.js';
import { parseLocatedYaml } from './read-yaml.js';
import type { Mapping } from './tables.js';

const mappings: readonly Mapping[] = [
  { kind: 'rename', from: 'port', to: 'server.port', note: 'old' },
  { kind: 'rename', from: 'quiet', to: 'loud.quiet' },
  {
    kind: 'combine',
    from: ['server.host', 'server.port'],
    to: 'server.address',
    note: 'old',
    combine: ({ 'server.host': host, 'server.port': port }) => `tcp://${typeof host === 'string' ? host : ''}:${typeof port === 'number' ? port : 1}`,
  },
  {
    kind: 'rename',
    from: 'rules[].path',
    to: 'rules[].resources',
    note: 'a pattern',
    convert: (value) => (typeof value === 'string' ? { value: [`^${value}`] } : { error: 'no path' }),
  },
  { kind: 'drop', from: 'gone', note: 'has no meaning any more' },
  { kind: 'refuse', from: 'rules[].bad', note: 'was removed', fix: 'use good' },
];

const apply = (text: string) => {
  const { map } = parseLocatedYaml(text, 'x.yml');
  const problems = applyMappings(map, mappings);
  return { tree: plain(map), problems, sources: sourcesOf(map) };
};

describe('applyMappings', () => {
  it('renames with a warning, and keeps the place of the value', () => {
    const { tree, problems, sources } = apply('a: 1\nquiet: 1\nrules:\n  - path: /x\n');
    expect(tree).toEqual({ a: 1, loud: { quiet: 1 }, rules: [{ resources: ['^/x'] }] });
    expect(problems).toMatchObject([{ severity: 'warning', path: 'rules[0].path', line: 4, fix: 'write rules[0].resources instead' }]);
    expect(sources.get('loud.quiet')).toEqual({ file: 'x.yml', line: 2 });
    expect(sources.get('rules[0].resources[0]')).toEqual({ file: 'x.yml', line: 4 });
  });

  it('feeds one mapping with the outcome of another', () => {
    const { tree, problems } = apply('port: 9000\nserver:\n  host: h\n');
    expect(tree).toEqual({ server: { address: 'tcp://h:9000' } });
    expect(problems.map(({ severity, path }) => [severity, path])).toEqual([
      ['warning', 'port'],
      ['warning', 'server.host'],
    ]);
  });

  it('keeps the new name where both are set', () => {
    const { tree, problems } = apply('quiet: 1\nloud: {quiet: 2}\n');
    expect(tree).toEqual({ loud: { quiet: 2 } });
    expect(problems).toMatchObject([{ severity: 'warning', path: 'quiet', line: 1, fix: 'remove quiet' }]);
  });

  it('refuses old names beside the one they make together', () => {
    const { tree, problems } = apply('server:\n  host: h\n  address: a\n');
    expect(tree).toEqual({ server: { address: 'a' } });
    expect(problems).toMatchObject([{ severity: 'error', path: 'server.host', line: 2, fix: 'keep only server.address' }]);
  });

  it('refuses both names at once where the table says so', () => {
    const strict: Mapping = { kind: 'rename', from: 'old', to: 'new', conflict: 'error' };
    const { map } = parseLocatedYaml('old: 1\nnew: 2\n', 'x.yml');
    expect(applyMappings(map, [strict])).toMatchObject([{ severity: 'error', path: 'old', line: 1, fix: 'remove old' }]);
  });

  it('reports a value that cannot be brought over', () => {
    expect(apply('rules: [{path: [1]}]').problems).toMatchObject([{ severity: 'error', path: 'rules[0].path', message: 'no path' }]);
  });

  it('drops and refuses', () => {
    const { tree, problems } = apply('gone: 1\nrules:\n  - {}\n  - bad: 1\n    ok: 2\n');
    expect(tree).toEqual({ rules: [{}, { ok: 2 }] });
    expect(problems).toMatchObject([
      { severity: 'warning', path: 'gone', fix: 'remove gone' },
      { severity: 'error', path: 'rules[1].bad', line: 4, fix: 'use good' },
    ]);
  });

  it('does not replace a plain value that stands where a section would be', () => {
    expect(apply('quiet: 1\nloud: x\n').problems).toMatchObject([{ severity: 'error', path: 'quiet', line: 1 }]);
  });

  it('says nothing where there is nothing old', () => {
    expect(apply('rules: [a, {b: 1}]\nserver: {address: x}\n').problems).toEqual([]);
  });
});
