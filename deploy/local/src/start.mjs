import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { USAGE, readArguments } from './arguments.mjs';
import { prepare } from './prepare.mjs';
import { SERVICES } from './scale.mjs';
import { Refusal, createTerminal } from './terminal.mjs';
import { callersDir } from './workspace.mjs';

async function start(terminal) {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(USAGE);
    return 0;
  }
  const { files, filters, scale, isApart } = readArguments(args, process.env);
  const configFiles = files.map((file) => path.resolve(callersDir, file));
  await prepare(terminal, fileURLToPath(import.meta.url));
  if (configFiles.length === 0) return (await import('./demo.mjs')).runDemo(terminal);

  const { runInstallation } = await import('./installation.mjs');
  return runInstallation(terminal, {
    configFiles,
    env: filters === '' ? process.env : { ...process.env, PORTCULLIS_CONFIG_FILTERS: filters },
    cwd: callersDir,
    scale,
    isApart,
    onReady: (print, { listeners, portals, instances }) => {
      const where = listeners.join(' and ');
      print(
        `\n  Portcullis answers on ${where}${portals.length > 0 ? `; portal ${portals.join(', ')}` : ''}\n${tellInstances(instances, listeners)}  Ctrl-C stops all of it.\n`,
      );
    },
  });
}

/** Where there are several of a service: who has metrics and health where. */
function tellInstances(instances, listeners) {
  if (instances.length === Object.keys(SERVICES).length) return '';
  const width = Math.max(...instances.map(({ name }) => name.length));
  const rows = instances.map(({ name, management: { host, port } }) => `  ${name.padEnd(width)}   http://${host}:${port}/health/ready\n`);
  const apart = listeners.length > 1 ? '  The gateways listen apart: name all of them in the proxy.\n' : '';
  return `${apart}${rows.join('')}`;
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
