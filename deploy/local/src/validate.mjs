import { run } from './run.mjs';
import { Refusal } from './terminal.mjs';
import { inRoot } from './workspace.mjs';

/**
 * Looks at the whole configuration before anything is started, as `portcullis validate-config` does: its warnings are printed,
 * its errors are a Refusal. The services, told that they are supervised, do not print the warnings again.
 */
export async function validate(terminal, { configFiles, env, cwd }) {
  const args = [inRoot('apps', 'cli', 'dist', 'main.js'), 'validate-config', '--json', ...configFiles.flatMap((file) => ['--config', file])];
  const { code, output } = await run(process.execPath, args, { cwd, env });
  const report = reportIn(output);
  if (!report) throw new Refusal(`The configuration cannot be checked (exit code ${code}):\n${output}`);
  const { formatProblems } = await import(inRoot('libs/platform/config/dist/index.js'));
  if (!report.valid) throw new Refusal(`${formatProblems(report.problems)}\n\nNothing was started.`);
  if (report.problems.length > 0) terminal.print(`${formatProblems(report.problems)}\n`);
}

function reportIn(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
