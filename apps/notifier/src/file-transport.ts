import { formatGoTime } from '@portcullis/platform-telemetry';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Message, type Transport } from './transport.js';

const MODE = 0o600;

export interface FileTransportOptions {
  readonly path: string;
  /** Ours: keep what is there. Otherwise only the latest notice is in the file, as people's scripts expect. */
  readonly append: boolean;
  readonly now: () => number;
}

/** `notifier.filesystem`: Authelia's layout, to be read by people and scripts (reference 5.3). */
export function createFileTransport({ path, append, now }: FileTransportOptions): Transport {
  let writing = Promise.resolve();
  const write = async (text: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await (append ? appendFile : writeFile)(path, text, { mode: MODE });
    await chmod(path, MODE);
  };
  return {
    // Says now, not at the first sign-in, that the place cannot be written; what is in an appended file stays.
    check: () => write(''),
    deliver: (message) => {
      const written = writing.then(() => write(layout(message, new Date(now()))));
      writing = written.catch(() => undefined);
      return written;
    },
    close: () => undefined,
  };
}

const layout = ({ to, title, text }: Message, date: Date): string =>
  `Date: ${formatGoTime('2006-01-02 15:04:05 -0700 MST', date)}\nRecipient: {${to.name} ${to.address}}\nSubject: ${title}\n${text}\n\n`;
