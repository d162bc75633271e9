import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { USAGE, readArguments } from './arguments.mjs';
import { prepare } from './prepare.mjs';
import { Refusal, createTerminal } from './terminal.mjs';
import { callersDir } from './workspace.mjs';

async function start(terminal) {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(USAGE);
    return 0;
  }
  const { files, filters } = readArguments(args, process.env);
  const configFiles = files.map((file) => path.resolve(callersDir, file));
  await prepare(terminal, fileURLToPath(import.meta.url));
  if (configFiles.length === 0) return (await import('./demo.mjs')).runDemo(terminal);

  const { runInstallation } = await import('./installation.mjs');
  return runInstallation(terminal, {
    configFiles,
    env: filters === '' ? process.env : { ...process.env, PORTCULLIS_CONFIG_FILTERS: filters },
    cwd: callersDir,
    onReady: (print, { listener, portals }) => {
      print(`\n  Portcullis answers on ${listener}${portals.length > 0 ? `; portal ${portals.join(', ')}` : ''}\n  Ctrl-C stops all of it.\n`);
    },
  });
}

const terminal = createTerminal();
process.stdout.on('error', () => {});
try {
  process.exitCode = await start(terminal);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  terminal.print(error.message);
  process.exitCode = 1;
}
