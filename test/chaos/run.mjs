// npm run test:chaos [-- -t 'redis-kill'] [-- --docs]: every fault against real processes, one at a time. Prints the table; --docs writes docs/resilience.md.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resiliencePage } from './page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const results = join(root, 'test-results', 'chaos');

function machine() {
  const release = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.type();
  return `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${release}, Node ${process.versions.node}`;
}

const { values } = parseArgs({
  options: { testNamePattern: { type: 'string', short: 't' }, docs: { type: 'boolean', default: false } },
});
if (values.testNamePattern === undefined) rmSync(results, { recursive: true, force: true });
const chosen = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern];
const script = join(root, 'deploy/local/src/test.mjs');
const { status } = spawnSync(process.execPath, [script, '--config', 'test/chaos/vitest.config.ts', ...chosen], { cwd: root, stdio: 'inherit' });
const rows = globSync(join(results, '*.json'))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  .sort((a, b) => a.order - b.order);
const page = resiliencePage(rows, machine());
console.log(page);
// A row that is not as it must be is nothing to publish.
if (values.docs && status === 0) writeFileSync(join(root, 'docs', 'resilience.md'), page);
process.exitCode = status ?? 1;
