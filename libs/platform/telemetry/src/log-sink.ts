import { close, closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { LineSink } from './line-writer.js';

const retryMs = 50;

type Done = (error?: Error | null) => void;

function writeAll(fd: number, bytes: Buffer, done: Done): void {
  write(fd, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(writeAll, retryMs, fd, bytes, done).unref();
    else if (error) done(error);
    else if (written < bytes.length) writeAll(fd, bytes.subarray(written), done);
    else done();
  });
}

function writeLast(fd: number, chunk: string): void {
  try {
    writeSync(fd, chunk);
  } catch {
    // The process is exiting: nobody is left to tell.
  }
}

/** A terminal opened a second time can be written to without blocking (Ctrl-S stops it), and without changing it for whoever shares it. */
function openTerminal(): number {
  try {
    return openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}

/** Node's stream for a pipe or a socket does not block on a full one; a terminal's and a file's stream do, so those are written to here. */
export function standardOutputSink(): LineSink {
  const kind = fstatSync(1);
  if (kind.isFIFO() || kind.isSocket()) return streamSink(process.stdout);
  const fd = kind.isFile() ? 1 : openTerminal();
  return {
    write: (chunk, done) => {
      writeAll(fd, Buffer.from(chunk), done);
    },
    writeLast: (chunk) => {
      writeLast(fd, chunk);
    },
  };
}

function streamSink(stream: NodeJS.WriteStream): LineSink {
  // A reader that went away is told by the write's callback; without a listener it would end the process.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  return {
    write: (chunk, done) => void stream.write(chunk, done),
    writeLast: (chunk) => void stream.write(chunk),
  };
}

export interface FileSink extends LineSink {
  /** Opens the path again (its date may have changed, its file may have been moved); throws and goes on with the old file when it cannot. */
  reopen(): void;
}

/** Appends to a file that only its owner may read. Without blocking also where the path is a FIFO or a terminal. */
export function fileSink(path: () => string): FileSink {
  const open = (): number => openSync(path(), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
  let fd = open();
  let busy = false;
  return {
    write: (chunk, done) => {
      const target = fd;
      busy = true;
      writeAll(target, Buffer.from(chunk), (error) => {
        busy = false;
        if (target !== fd) close(target);
        done(error);
      });
    },
    writeLast: (chunk) => {
      writeLast(fd, chunk);
    },
    reopen: () => {
      const old = fd;
      fd = open();
      if (!busy) closeSync(old);
    },
  };
}
