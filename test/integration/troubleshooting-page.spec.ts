import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, runCommand } from '../support/index.js';

const sources = globSync('{apps,libs/*}/*/src/**/*.ts', { cwd: root })
  .filter((file) => !/\.(?:spec|fixture)\.ts$/.test(file))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

describe.each(['troubleshooting.md', 'break-glass.md', 'runbooks/*.md'])('docs/%s', (name) => {
  const page = globSync(name, { cwd: join(root, 'docs') })
    .map((file) => readFileSync(join(root, 'docs', file), 'utf8'))
    .join('\n');

  it('quotes sentences that the programs say', () => {
    const quoted = [...page.matchAll(/(?<![\w`])_([^_\n]+)_(?!\w)/g)].map(([, sentence = '']) => sentence);
    expect(quoted.filter((sentence) => !sources.includes(sentence))).toEqual([]);
    if (name === 'troubleshooting.md') expect(quoted.length).toBeGreaterThan(10);
  });

  it('names commands and options that are there', async () => {
    const typed = [...page.replaceAll('\n', ' ').matchAll(/portcullis ((?:[a-z][a-z\d-]* ?)+)((?:[^`]*?--[a-z-]+)*)/g)];
    const commands = new Map<string, Set<string>>();
    for (const [, words = '', rest = ''] of typed) {
      const known = commands.get(words.trim()) ?? new Set<string>();
      for (const [flag] of rest.matchAll(/--[a-z][a-z-]*/g)) known.add(flag);
      commands.set(words.trim(), known);
    }
    expect(commands.size).toBeGreaterThan(3);
    for (const [words, flags] of commands) {
      const { stdout } = await runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...words.split(' '), '--help']);
      expect(stdout, words).toMatch(/^Usage: portcullis /);
      const help = `${stdout} --config --json --install --no-install`;
      for (const flag of flags) expect(help, `${words} ${flag}`).toContain(flag);
    }
  }, 120_000);
});
