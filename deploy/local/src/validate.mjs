import { run } from './run.mjs';
import { Refusal } from './terminal.mjs';
import { inRoot } from './workspace.mjs';

const ALL_IS_WELL = /^Configuration parsed and loaded successfully without errors\.\s*$/;

/**
 * Looks at the whole configuration before anything is started, by `portcullis validate-config`. Resolves to its warnings; its
 * errors are a Refusal. The services, told that they are supervised, do not print the warnings again.
 */
export async function validate({ configFiles, env, cwd }) {
  const args = [inRoot('apps', 'cli', 'dist', 'main.js'), 'validate-config', ...configFiles.flatMap((file) => ['--config', file])];
  const { code, output } = await run(process.execPath, args, { cwd, env });
  if (code !== 0) throw new Refusal(`${output.trim()}\n\nNothing was started.`);
  return ALL_IS_WELL.test(output) ? '' : output.trim();
}
