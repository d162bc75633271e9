// The installation of an image: as `npm start -- --config FILE`, with everything installed and built already. Its main.mjs imports this.
import path from 'node:path';
import { readArguments } from './arguments.mjs';
import { runInstallation } from './installation.mjs';
import { Refusal, createTerminal } from './terminal.mjs';

const terminal = createTerminal();
process.stdout.on('error', () => {});
try {
  const { files, filters, scale } = readArguments(process.argv.slice(2), process.env);
  if (files.length === 0) throw new Refusal('No configuration is named: --config FILE, or X_AUTHELIA_CONFIG.');
  process.exitCode = await runInstallation(terminal, {
    configFiles: files.map((file) => path.resolve(file)),
    env: filters === '' ? process.env : { ...process.env, PORTCULLIS_CONFIG_FILTERS: filters },
    cwd: process.cwd(),
    scale,
    onReady: (print, { listeners }) => print(`Portcullis answers on ${listeners.join(' and ')}`),
  });
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  terminal.print(error.message);
  process.exitCode = 1;
}
