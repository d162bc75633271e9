import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const KEPT_BYTES = 4 * 1024 * 1024;
const AGAIN_MS = 20;

/**
 * Standard output for writes that never wait. A terminal or a pipe is opened a second time, so that whoever shares it does not
 * find it changed; a file never makes one wait, and has one position for all.
 */
function standardOutput() {
  const kind = fs.fstatSync(1);
  let fd = 1;
  if (!kind.isFile()) {
    try {
      fd = fs.openSync('/dev/stdout', fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    } catch {
      // A socket cannot be opened by name; Node itself has set it to not block.
    }
  }
  return (buffer) => fs.writeSync(fd, buffer);
}

/**
 * Passes the services' lines on without ever waiting for who reads them: a stuck reader costs lines, which are counted and said,
 * never the supervisor. `push` takes a line; `flush` resolves when all is written, or after the deadline. `write` writes what it
 * can of a buffer and answers how much, or throws.
 */
export function createRelay(write = standardOutput()) {
  const waiting = [];
  let waitingBytes = 0;
  let dropped = 0;
  let isStuck = false;
  let isClosed = false;

  function push(text) {
    if (isClosed) return;
    const bytes = Buffer.from(`${dropped > 0 ? `! ${dropped} lines were lost: whoever reads this was too slow\n` : ''}${text}\n`);
    if (waitingBytes + bytes.length > KEPT_BYTES) {
      dropped += 1;
      return;
    }
    dropped = 0;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (!isStuck) drain();
  }

  function drain() {
    isStuck = false;
    try {
      while (waiting.length > 0) {
        const written = write(waiting[0]);
        waitingBytes -= written;
        if (written < waiting[0].length) waiting[0] = waiting[0].subarray(written);
        else waiting.shift();
      }
    } catch (error) {
      if (error.code === 'EAGAIN') {
        isStuck = true;
        setTimeout(drain, AGAIN_MS).unref();
      } else {
        // Nobody reads anymore (a closed pipe).
        isClosed = true;
        waiting.length = 0;
      }
    }
  }

  async function flush(deadlineMs) {
    const deadline = performance.now() + deadlineMs;
    while (waiting.length > 0 && performance.now() < deadline) await pause(AGAIN_MS);
  }

  return { push, flush };
}

/** Cuts a stream's chunks into whole lines; call the result with no argument at its end. */
export function lineCutter(onLine) {
  let rest = '';
  return (chunk) => {
    if (chunk === undefined) {
      if (rest) onLine(rest);
      return;
    }
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  };
}
