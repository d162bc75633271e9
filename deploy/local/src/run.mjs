import { spawn } from 'node:child_process';
import { Refusal } from './terminal.mjs';

const KEPT_CHARACTERS = 400_000;
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/**
 * Runs a program to its end. Resolves to its exit code (128 and more, or 127, where it was ended or not found) and its output,
 * both streams as they came; of a very long output the last part. `onLine` sees every line as it comes.
 */
export function run(command, args, { cwd, env, onLine, inherit = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    let rest = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-KEPT_CHARACTERS);
      if (!onLine) return;
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop();
      for (const line of lines) onLine(line);
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    const end = (code, note = '') => {
      running.delete(child);
      if (rest && onLine) onLine(rest);
      resolve({ code, output: output + note });
    };
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code) => end(code ?? 128));
  });
}

/** The same, where anything but success ends the work with the program's own words. */
export async function mustRun(title, command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0) throw new Refusal(`${title} failed (exit code ${result.code}):\n${result.output.trimEnd()}`);
  return result.output;
}
