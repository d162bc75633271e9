import { spawn } from 'node:child_process';
import { lineCutter } from './relay.mjs';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** Up this long, and an end counts as the first again: what ends now and then is soon back, what cannot start is tried ever more seldom. */
const SETTLED_MS = 5000;

/** For a program that knows nothing of us: a shell that holds it, passes SIGTERM on, and ends it when our end of its standard input is gone. */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- & child=$!
{ while read -r _; do :; done; kill -TERM $child; } <&3 >/dev/null 2>&1 & watch=$!
exec 3<&-
trap 'kill -TERM $child 2>/dev/null' TERM INT HUP
wait $child; code=$?
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
kill $watch 2>/dev/null
exit $code`;

/** The command line of a program that ends with us. */
export const guarded = (command, args) => ({ command: '/bin/sh', args: ['-c', GUARD, 'guard', command, ...args] });

/** A core dump would hold keys, and what people send. */
const NO_CORE = 'ulimit -c 0; exec "$@"';

/** The command line of a Node script that leaves no core dump; `niceness` 0 to 19. A service ends with us by itself: it watches its standard input. */
export function nodeScript(script, args, { flags = [], niceness = 0 } = {}) {
  const node = [process.execPath, ...flags, script, ...args];
  return { command: '/bin/sh', args: ['-c', NO_CORE, 'service', ...(niceness > 0 ? ['nice', '-n', String(niceness)] : []), ...node] };
}

/** How long to wait before the next start after `ends` ends in a row. */
export const pauseMs = (ends) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (ends - 1));

/** exit code 3, SIGKILL */
export const describeEnd = ({ code, signal }) => signal ?? `exit code ${code}`;

function signalGroup(leader, signal) {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * One process that is kept running. `spec`: name, command, args, cwd, env. It leads a process group of its own, so that a
 * terminal's Ctrl-C reaches the supervisor alone, which then ends everything in order.
 * `onEnd({ code, signal, ends, pauseMs })` answers whether it shall be started again.
 */
export function createChild(spec, { onLine, onEnd }) {
  let current;
  let stopping = false;
  let ends = 0;
  let timer;

  function start() {
    const startedAt = performance.now();
    const child = spawn(spec.command, spec.args, { cwd: spec.cwd, env: spec.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    current = child;
    child.stdin.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      const cut = lineCutter(onLine);
      stream
        .setEncoding('utf8')
        .on('data', cut)
        .on('end', () => cut());
    }
    const over = (code, signal) => {
      if (current !== child) return;
      current = undefined;
      child.stdin.destroy();
      if (performance.now() - startedAt > SETTLED_MS) ends = 0;
      ends += 1;
      if (stopping) return;
      const wait = pauseMs(ends);
      if (onEnd({ code, signal, ends, pauseMs: wait })) timer = setTimeout(start, wait);
    };
    child.on('error', (error) => {
      onLine(`${spec.command}: ${error.message}`);
      over(127, null);
    });
    // What the leader leaves behind of its group would keep our pipes, and its ports.
    child.on('exit', () => signalGroup(child.pid, 'SIGTERM'));
    child.on('close', over);
  }

  /** SIGTERM, and after the deadline SIGKILL to all of its group. Resolves when it is gone. */
  async function stop(deadlineMs) {
    stopping = true;
    clearTimeout(timer);
    const child = current;
    if (!child?.pid) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const deadline = setTimeout(kill, deadlineMs);
    await gone;
    clearTimeout(deadline);
  }

  function kill() {
    stopping = true;
    clearTimeout(timer);
    if (current?.pid) signalGroup(current.pid, 'SIGKILL');
  }

  return { name: spec.name, start, stop, kill, pid: () => current?.pid, isRunning: () => current !== undefined };
}
