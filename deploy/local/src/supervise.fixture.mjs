import { setTimeout as pause } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const DEADLINE_MS = 15_000;

/** Resolves to the first answer that is true-ish; throws with `what` after the deadline. */
export async function until(what, ask) {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`not in time: ${typeof what === 'function' ? what() : what}`);
    await pause(20);
  }
}

/** A short folder that is gone when `stack` is disposed of. */
export function tempDir(stack) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'pc-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A process that has ended and is not yet waited for is no longer alive.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0] !== 'Z';
  } catch {
    return false;
  }
}

/** A service: notes its process id, is ready at once, ends on SIGTERM or with its standard input. `words` change what it does. */
const SERVICE = `
const [, , name, dir, ...words] = process.argv;
const fs = require('node:fs');
if (words.includes('refuse')) { console.error('error: configuration.yml:3  session.name'); console.error('from ' + (words[1] ?? 'all')); process.exit(1); }
const end = (why) => { fs.appendFileSync(dir + '/ends', name + ' ' + why + '\\n'); process.exit(0); };
if (words.includes('deaf')) process.on('SIGTERM', () => {});
else process.on('SIGTERM', () => end('SIGTERM'));
process.stdin.resume().on('close', () => end('left alone'));
console.log(name + ' is up');
// Last: who reads this finds a service that hears signals.
fs.writeFileSync(dir + '/' + name + '.new', String(process.pid));
fs.renameSync(dir + '/' + name + '.new', dir + '/' + name + '.pid');
`;

const driver = (stages) => `
import { supervise } from ${JSON.stringify(new URL('./supervise.mjs', import.meta.url).href)};
import { createTerminal } from ${JSON.stringify(new URL('./terminal.mjs', import.meta.url).href)};
import { existsSync } from 'node:fs';
const [, , service, dir] = process.argv;
const specOf = ({ name, words = [], command, args }) => ({
  name, cwd: dir, env: process.env,
  command: command ?? process.execPath, args: args ?? [service, name, dir, ...words],
  ready: async () => existsSync(dir + '/' + name + '.pid') || 'starting',
});
process.exitCode = await supervise(createTerminal(), ${JSON.stringify(stages)}.map((stage) => stage.map(specOf)), (print) => print('all is up'));
`;

/** Runs the supervisor in a process of its own on services as above: `{ pid, dir, output(), pidOf(name), ends(), signal(), ended }`. */
export function startSupervisor(stack, stages) {
  const dir = tempDir(stack);
  writeFileSync(path.join(dir, 'service.cjs'), SERVICE);
  writeFileSync(path.join(dir, 'driver.mjs'), driver(stages));
  const child = spawn(process.execPath, [path.join(dir, 'driver.mjs'), path.join(dir, 'service.cjs'), dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  const read = (name) => {
    try {
      return readFileSync(path.join(dir, name), 'utf8');
    } catch {
      return '';
    }
  };
  stack.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return {
    pid: child.pid,
    dir,
    ended,
    output: () => output,
    pidOf: (name) => Number(read(`${name}.pid`)),
    ends: () => read('ends').split('\n').filter(Boolean),
    signal: (signal) => child.kill(signal),
  };
}
