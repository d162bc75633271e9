import { write } from 'node:fs';

const KEPT_BYTES = 4 * 1024 * 1024;
const AGAIN_MS = 20;

/**
 * Passes the services' lines on to `fd` without ever waiting for who reads it: a stuck reader costs lines, which are counted and
 * said, never the supervisor. `flush` resolves when all is written, or after the deadline.
 */
export function createRelay(fd = 1) {
  let waiting = [];
  let waitingBytes = 0;
  let dropped = 0;
  let writing = false;
  let closed = false;
  let wake = () => {};

  function push(text) {
    if (closed) return;
    const bytes = Buffer.from(`${text}\n`);
    if (waitingBytes + bytes.length > KEPT_BYTES) {
      dropped += 1;
      return;
    }
    if (dropped > 0) {
      const note = Buffer.from(`! ${dropped} lines were lost: whoever reads this was too slow\n`);
      waiting.push(note);
      waitingBytes += note.length;
      dropped = 0;
    }
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (!writing) drain();
  }

  function drain() {
    if (waiting.length === 0) {
      writing = false;
      wake();
      return;
    }
    writing = true;
    const batch = Buffer.concat(waiting);
    waiting = [];
    const put = (offset) =>
      write(fd, batch, offset, batch.length - offset, null, (error, written) => {
        if (error?.code === 'EAGAIN') return void setTimeout(put, AGAIN_MS, offset);
        if (error) return abandon();
        if (offset + written < batch.length) return put(offset + written);
        waitingBytes -= batch.length;
        drain();
      });
    put(0);
  }

  /** Nobody reads anymore (a closed pipe). */
  function abandon() {
    closed = true;
    waiting = [];
    drain();
  }

  const flush = (deadlineMs) =>
    new Promise((resolve) => {
      if (!writing) return resolve();
      wake = resolve;
      setTimeout(resolve, deadlineMs).unref();
    });

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
