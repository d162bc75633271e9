// Processes of a bench run: started, measured, and ended by their id.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const running = new Set();

export function start(command, args, { env = {}, cwd, input } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      child.output = (child.output + data).slice(-20_000);
    });
  }
  if (input !== undefined) child.stdin.end(input);
  running.add(child);
  child.on('exit', () => running.delete(child));
  // A program that is not there is told by whoever waits for it: thrown here, it would leave all the others running.
  child.on('error', (error) => {
    child.output += error.message;
    running.delete(child);
  });
  return child;
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await new Promise((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 12_000);
    child.on('exit', () => {
      clearTimeout(force);
      resolve();
    });
  });
}

export const stopAll = () => Promise.all([...running].map(stop));

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function until(what, test, timeoutMs = 60_000) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await new Promise((f) => setTimeout(f, 25))) {
    if (await test().catch(() => false)) return;
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms\n${[...running].map((child) => child.output.slice(-1500)).join('\n')}`);
}

/** CPU time of a process and its children that live, in microseconds (proc(5): utime and stime in ticks of 10 ms). */
export function cpuMicros(pids) {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) * 10_000;
  }, 0);
}

/** Proportional set size of processes, in MB. */
export function pssMegabytes(pids) {
  return pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024, 0);
}

/** All processes of a tree, by their parent. */
export function withChildren(pids) {
  const found = [...pids];
  for (const pid of found) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children !== '') found.push(...children.split(' ').map(Number));
  }
  return found;
}
