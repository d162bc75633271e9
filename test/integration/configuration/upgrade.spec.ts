import { configurationKeys, configurationTables } from '@portcullis/contracts-configuration';
import { readText, rewriteYaml } from '@portcullis/platform-config';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

const SAMPLES = { boolean: true, integer: 7, duration: '1h', strings: ['a'], texts: ['a'] } as Readonly<Record<string, unknown>>;

/** A tree with one value; a list has it in its first entry. */
function treeWith(path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.replaceAll('[]', '.0').split('.');
  const below = rest.length === 0 ? value : treeWith(rest.join('.'), value);
  return key === '0' ? [below] : { [key]: below };
}

const rewritten = configurationTables.mappings.flatMap((mapping) => {
  if (mapping.kind === 'rename') {
    const kind = configurationKeys[mapping.to]?.kind ?? 'string';
    return [[mapping.from, mapping.convert === undefined ? (SAMPLES[kind] ?? 'text') : '/path'] as const];
  }
  return mapping.kind === 'combine' ? mapping.from.map((from) => [from, /port$/u.test(from) ? 99 : 'text'] as const) : [];
});

describe('every old name', () => {
  it.each(rewritten)('is rewritten, and means the same: %s', (from, value) => {
    const text = `# first\n${stringify(treeWith(from, value))}`;
    const result = rewriteYaml(text, configurationTables.mappings);
    if (!result.ok) throw new Error(result.message);
    expect(result.left).toEqual([]);
    expect(result.changes.length).toBeGreaterThan(0);
    const [before, after] = [text, result.after].map((each) => readText(each, 'x.yml', configurationTables));
    expect(after?.tree).toEqual(before?.tree);
    expect(after?.problems.filter(({ severity }) => severity === 'warning')).toEqual([]);
    expect(result.after).toContain('# first');
  });
});
