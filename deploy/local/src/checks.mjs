import { rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { readNxOutput, readVitestReport } from './tally.mjs';
import { inRoot, readText, root } from './workspace.mjs';

/** Where nx.json has each project's Vitest write its report; the suites' own report beside them. */
const reportsDir = inRoot('test-results', 'reports');
const reportOf = (name) => path.join(reportsDir, `${name}.json`);

/** Runs nx targets with their cache; of the tasks that fail, the output is printed. Resolves to the names of all and of the failed. */
async function runTargets(terminal, title, args, env) {
  let count = 0;
  const { done, failed, code, output } = await terminal.step(title, async (say) => {
    const result = await run(inRoot('node_modules', '.bin', 'nx'), ['run-many', '--outputStyle=static', ...args], {
      cwd: root,
      env: { ...env, FORCE_COLOR: '0', NO_COLOR: '1' },
      onLine: (line) => {
        const name = /^> nx run (\S+)/.exec(line)?.[1];
        if (name) say(`${(count += 1)} done, last ${name}`);
      },
    });
    return { ...readNxOutput(result.output), ...result };
  });
  for (const name of failed) terminal.print(`\n--- ${name}\n${done.get(name) ?? ''}\n`);
  if (code !== 0 && failed.length === 0) terminal.print(output);
  const names = [...done.keys()];
  return { names, failed: code !== 0 && failed.length === 0 ? [title] : failed };
}

/** Lint and types of every project: one check each. */
export async function runLintAndTypes(terminal, env) {
  const { names, failed } = await runTargets(terminal, 'Lint and types', ['-t', 'lint', 'typecheck'], env);
  const checks = names.filter((name) => /:(lint|typecheck)$/.test(name));
  return { passed: checks.filter((name) => !failed.includes(name)).length, failed: failed.length, skipped: 0, names: failed };
}

/** The tests beside the code, project by project; what did not change comes from the cache with its counts. */
export async function runProjectTests(terminal, env, suites) {
  rmSync(reportsDir, { recursive: true, force: true });
  const { names, failed } = await runTargets(terminal, 'Unit and integration tests', ['-t', 'test', '--exclude', suites], env);
  const projects = [...new Set([...names, ...failed])].filter((name) => name.endsWith(':test')).map((name) => name.replace(/:test$/, ''));
  const reports = projects.map((project) => countsOf(reportOf(project), failed.includes(`${project}:test`) ? `${project}:test` : undefined));
  const others = failed.filter((name) => !name.endsWith(':test'));
  return [...reports, { passed: 0, failed: others.length, skipped: 0, names: others }];
}

/** Vitest itself over what `filters` name, its words passed on as they come. */
export async function runVitest(terminal, env, filters) {
  terminal.print(`\nvitest run ${filters.join(' ')}`);
  const report = reportOf('suites');
  rmSync(report, { force: true });
  const args = ['run', '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters];
  const { code } = await run(inRoot('node_modules', '.bin', 'vitest'), args, { cwd: root, env, inherit: true });
  return countsOf(report, code === 0 ? undefined : `vitest run ${filters.join(' ')}`);
}

/** The counts of a report. `failure` names what ended with an error: counted where the report itself knows of none. */
function countsOf(file, failure) {
  const text = readText(file);
  const counts = text ? readVitestReport(JSON.parse(text)) : { passed: 0, failed: 0, skipped: 0, names: [] };
  return failure && counts.failed === 0 ? { ...counts, failed: 1, names: [failure] } : counts;
}
