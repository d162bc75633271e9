import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Refusal } from './terminal.mjs';
import { inRoot } from './workspace.mjs';

const OLDEST_TO_START_FROM = 20;
const WANTED = 24;
const majorOf = (version) => Number(version.split('.')[0]);

/** What can be said before anything is installed. */
export function checkMachine(version = process.versions.node, platform = process.platform) {
  if (majorOf(version) < OLDEST_TO_START_FROM) {
    throw new Refusal(`Node ${version} is too old to start from: install Node ${OLDEST_TO_START_FROM} or later (24 is what Portcullis runs on).`);
  }
  if (platform === 'win32') throw new Refusal('Portcullis runs on Linux and macOS; on Windows run it inside WSL.');
}

export const isWantedNode = () => majorOf(process.versions.node) >= WANTED;

/** The environment for everything started from here: our Node and the workspace's programs first. */
export function ownEnvironment(env = process.env) {
  const dirs = [inRoot('node_modules', '.bin'), path.dirname(process.execPath), env.PATH ?? ''];
  return { ...env, PATH: dirs.join(path.delimiter) };
}

/** Runs the script again under Node 24 and ends as it ends. Never resolves. */
export function continueUnderNode24(script, args) {
  const node = inRoot('node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    throw new Refusal(`There is no packaged Node ${WANTED} for ${process.platform} ${process.arch}: install Node ${WANTED} and run this again.`);
  }
  const child = spawn(node, [script, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => child.kill(signal));
  return new Promise((_, reject) => {
    child.on('error', (error) => reject(new Refusal(`Node ${WANTED} could not be started (${error.message}): install it and run this again.`)));
    child.on('exit', (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]));
  });
}
