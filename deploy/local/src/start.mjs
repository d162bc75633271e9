import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';
import { Refusal, createTerminal } from './terminal.mjs';
import { callersDir } from './workspace.mjs';

const USAGE = `npm start                           a demonstration under http://*.portcullis.localhost
npm start -- --config FILE [...]    that installation, all services on this machine; several files are merged in order`;

/** The configuration files of the command line, or of the variable where it names none. */
export function configFilesOf(args, env) {
  const files = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, name, value] = /^(--config|-c)(?:=(.*))?$/s.exec(args[index]) ?? [];
    const file = name && (value ?? args[(index += 1)]);
    if (!file) throw new Refusal(`${name ? `${name} wants a file` : `What does ${args[index]} mean?`}\n\n${USAGE}`);
    files.push(file);
  }
  const given = files.length > 0 ? files : [env.PORTCULLIS_CONFIG || env.X_AUTHELIA_CONFIG || ''];
  return given.flatMap((list) => list.split(',')).filter(Boolean);
}

async function start(terminal) {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(USAGE);
    return 0;
  }
  const configFiles = configFilesOf(args, process.env).map((file) => path.resolve(callersDir, file));
  await prepare(terminal, fileURLToPath(import.meta.url));
  if (configFiles.length === 0) return (await import('./demo.mjs')).runDemo(terminal);

  const { runInstallation } = await import('./installation.mjs');
  return runInstallation(terminal, {
    configFiles,
    env: process.env,
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
