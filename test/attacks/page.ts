import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/index.js';
import { type Attack, CATALOGUE } from './catalogue.js';

export interface NamedTest {
  readonly ids: readonly string[];
  readonly title: string;
  readonly file: string;
}

/** `attack 54, 55: …`, `attack redis chaos: …` */
const TITLE = /(['"`])attack ([\w ]+(?:, \w+)*): ((?:(?!\1).)*)\1/g;

/** Every test of this folder that is named after attacks, as it is written. */
export function namedTests(): readonly NamedTest[] {
  return globSync('test/attacks/*.spec.ts', { cwd: root })
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(TITLE)].map(([, , ids = '', title = '']) => ({ ids: ids.split(', '), title, file })),
    );
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function row({ id, attack, learned, answer, waitsFor }: Attack, tests: readonly NamedTest[]): string {
  const own = tests.filter(({ ids }) => ids.includes(id));
  const names =
    waitsFor === undefined
      ? own.map(({ title, file }) => `\`${file.replace('test/attacks/', '')}\`: ${cell(title.replaceAll(/%[a-z]/g, '…'))}`)
      : ['`not-built.spec.ts`: has no route'];
  const answered = waitsFor === undefined ? answer : `${answer} Waits for ${waitsFor}.`;
  return `| ${id} | ${cell(attack)} | ${cell(learned)} | ${cell(answered)} | ${names.join('<br>')} |`;
}

/** The text of docs/security/attacks.md. */
export function attacksPage(): string {
  const tests = namedTests();
  const count = new Set(tests.map(({ file, title }) => file + title)).size;
  return `# Attacks

What a gate is attacked with, where the field learned it, what this one answers, and the tests that prove it. Written by \`npm run test:attacks\`, which runs them all: over
HTTP against the running services, and through nginx, Caddy and HAProxy with the files of \`deploy/\` where a proxy is a part of the attack. One alone:
\`npm test -- test/attacks -t 'attack 23:'\`. Beyond the rows, the same run sends seeded random requests, bodies, files and values at the services and compares every decision
with a second implementation (\`test/support/oracle\`); \`npm run test:attacks -- --full\` does that at length.
It asks the registry for advisories on what ships, and fails on one of high rank; where the registry gives none, as a mirror may, that one test is skipped and the run says so.

${CATALOGUE.length} attacks, ${count} tests by name, many of them over a table.

| # | attack | learned from | what is answered | tests |
| - | ------ | ------------ | ---------------- | ----- |
${CATALOGUE.map((attack) => row(attack, tests)).join('\n')}
`;
}
