// npm run test:conformance: what an Authelia answered, held against the running services; prints what is the same, stricter by intent, looser.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const results = () => globSync(pathOf('../../test-results/conformance-*.txt')).sort();

for (const file of results()) rmSync(file);
const { status } = spawnSync(process.execPath, [pathOf('../../deploy/local/src/test.mjs'), 'test/conformance/'], { stdio: 'inherit' });
for (const file of results()) console.log(`\n${readFileSync(file, 'utf8').trimEnd()}`);
process.exitCode = status ?? 1;
