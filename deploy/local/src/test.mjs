import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLintAndTypes, runProjectTests, runVitest } from './checks.mjs';
import { PARTS, getPart, lineToType, searchDirs } from './parts.mjs';
import { prepare } from './prepare.mjs';
import { ownEnvironment } from './runtime.mjs';
import { sum, tallyLine } from './tally.mjs';
import { Refusal, createTerminal, formatElapsed } from './terminal.mjs';
import { isCi } from './workspace.mjs';

/** The project whose tests are the suites against running services; its folder. */
const SUITES = '@portcullis/tests';
const SUITES_DIR = 'test/';

/** The real parts; those that cannot be had are named with the line to type. Resolves to their names. */
async function missingParts(terminal) {
  const missing = [];
  for (const name of Object.keys(PARTS)) {
    if (await getPart(terminal, name, { mayInstall: true })) continue;
    missing.push(name);
    terminal.warn(`${name} is missing: its tests are ${isCi ? 'failed' : 'skipped'}. To have them: ${lineToType(name)}`);
  }
  return missing;
}

/** Vitest's own colours and width are for terminals; servers and private parts are found on PATH. */
const testEnvironment = () => ({ ...ownEnvironment(), PATH: [path.dirname(process.execPath), ...searchDirs(ownEnvironment())].join(path.delimiter) });

/** `npm test`: everything, or with `filters` the tests whose files they name. Resolves to the results. */
async function test(terminal, filters) {
  await prepare(terminal, fileURLToPath(import.meta.url));
  const missing = await missingParts(terminal);
  const env = testEnvironment();
  if (filters.length > 0) return [await runVitest(terminal, env, filters)];
  return [
    { passed: 1, failed: 0, skipped: 0, names: [] },
    { passed: 0, failed: isCi ? missing.length : 0, skipped: 0, names: isCi ? missing.map((name) => `${name} is missing`) : [] },
    await runLintAndTypes(terminal, env),
    // A test that was skipped for want of a part must not come from the cache when the part is there.
    ...(await runProjectTests(terminal, missing.length > 0 ? { ...env, NX_SKIP_NX_CACHE: 'true' } : env, SUITES)),
    await runVitest(terminal, env, [SUITES_DIR]),
  ];
}

const terminal = createTerminal();
const startedAt = performance.now();
let results;
try {
  results = await test(terminal, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  terminal.print(error.message);
  results = [{ passed: 0, failed: 1, skipped: 0, names: [] }];
}
const names = results.flatMap((result) => result.names);
if (names.length > 0) terminal.print(`\nFailed:\n${names.map((name) => `  ${name}`).join('\n')}`);
terminal.print(`\nIn ${formatElapsed(performance.now() - startedAt)}:`);
const total = sum(...results);
terminal.print(tallyLine(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
