import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cleanEnvironment, leash, programPath } from './config.js';
import { atEnd, type AtEnd } from './lifetime.js';
import { until } from './until.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Standard output and error together, in the order they came. */
  readonly logs: () => string;
  /** undefined while it runs. */
  readonly exit: () => Exit | undefined;
  /** Resolves when it has ended, however that came. */
  readonly exited: Promise<Exit>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Whether anybody reads what it writes: where nobody does, its pipe fills. */
  readonly listen: (on: boolean) => void;
  /** SIGTERM, and SIGKILL after a grace period (default 5000 ms). */
  readonly stop: (graceMs?: number) => Promise<Exit>;
  readonly kill: () => Promise<Exit>;
}

export interface ProcessOptions {
  readonly name?: string;
  readonly cwd?: string;
  /** Added to a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** For its standard input; without it there is none. */
  readonly input?: string;
  /** Part of the log, or a check that is asked until it says yes. */
  readonly ready?: string | RegExp | ((running: RunningProcess) => boolean | Promise<boolean>);
  /** Default 15000. */
  readonly readyTimeoutMs?: number;
  /** Whose it is: by default the test's, or the file's where none runs yet. */
  readonly atEnd?: AtEnd;
}

function isReady(ready: NonNullable<ProcessOptions['ready']>, running: RunningProcess): boolean | Promise<boolean> {
  if (typeof ready === 'function') return ready(running);
  return typeof ready === 'string' ? running.logs().includes(ready) : ready.test(running.logs());
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

const numbers = new Map<string, number>();

/** Starts a program and resolves when it is ready; rejects with its log when it ends before. Ended by its id at the end of the test or file. */
export async function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<RunningProcess> {
  const { name = basename(command), cwd, env = {}, input, ready, readyTimeoutMs = 15_000, atEnd: ownedBy = atEnd } = options;
  const [program = command, ...programArgs] = [...leash, programPath(command), ...args];
  // A process group of its own: what it starts (workers of nginx, of Chromium) can be ended with it.
  const child = spawn(program, programArgs, { cwd, env: { ...cleanEnvironment, ...env }, stdio: 'pipe', detached: true });
  child.stdin.on('error', () => undefined).end(input);
  let log = '';
  let ended: Exit | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', () => {
      killGroup(child.pid);
    });
    child.once('close', (code, signal) => {
      ended = { code, signal };
      resolve(ended);
    });
  });
  await once(child, 'spawn');

  const running: RunningProcess = {
    name,
    pid: child.pid ?? 0,
    logs: () => log,
    exit: () => ended,
    exited,
    signal: (signal) => void child.kill(signal),
    listen: (on) => {
      for (const stream of [child.stdout, child.stderr])
        if (on) stream.resume();
        else stream.pause();
    },
    stop: async (graceMs = 5000) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
  const number = (numbers.get(name) ?? 0) + 1;
  numbers.set(name, number);
  ownedBy({
    keep: (folder) => {
      writeFileSync(join(folder, `${name}-${number}.log`), log);
    },
    end: async () => {
      // A paused process hears nothing but SIGKILL and SIGCONT.
      child.kill('SIGCONT');
      await running.stop();
    },
    endNow: () => {
      if (!ended) killGroup(child.pid);
    },
  });

  if (ready !== undefined) {
    const outcome = await until(() => ended ?? isReady(ready, running), { timeoutMs: readyTimeoutMs, what: `${name} to be ready` }).catch(
      (cause: unknown) => {
        throw new Error(`${String(cause)}\n${log}`, { cause });
      },
    );
    if (outcome !== true) throw new Error(`${name} ended before it was ready (${String(outcome.code ?? outcome.signal)})\n${log}`);
  }
  return running;
}
