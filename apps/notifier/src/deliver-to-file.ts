import { formatGoTime } from '@portcullis/platform-telemetry';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Delivery } from './delivery.js';
import type { Letter } from './render-notice.js';

export interface FileDeliveryOptions {
  readonly path: string;
  /** Keep the earlier ones too; otherwise the file holds the last one alone, as Authelia's does. */
  readonly append: boolean;
  readonly now: () => number;
}

/** `notifier.filesystem`: a file that only its owner may read (reference 5.3). */
export function createFileDelivery({ path, append, now }: FileDeliveryOptions): Delivery {
  const write = async (content: string): Promise<void> => {
    const file = await open(path, append ? 'a' : 'w', 0o600);
    try {
      await closeToOthers(file);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  return {
    // One at a time: two would write into one another.
    atOnce: 1,
    check: async () => {
      await mkdir(dirname(path), { recursive: true });
      await write('');
    },
    deliver: async (_id, letter) => {
      await mkdir(dirname(path), { recursive: true });
      await write(formatFileNotice(letter, new Date(now())));
    },
  };
}

/** A file that was there already may be open to everybody on the machine, and links and codes are not for them. A group that may read it was let in on purpose. */
async function closeToOthers(file: FileHandle): Promise<void> {
  const is = await file.stat();
  // Not of a device or a pipe; and one of somebody else's, who let us write, has the rights that they gave it.
  if (is.isFile() && (is.mode & 0o007) !== 0) await file.chmod(is.mode & 0o770).catch(() => undefined);
}

/** Authelia's layout, which scripts read. */
export function formatFileNotice({ to, title, text }: Letter, date: Date): string {
  return `Date: ${goTime(date)}\nRecipient: {${to.name} ${to.address}}\nSubject: ${title}\n${text}\n\n`;
}

/** As Go prints a time: `2006-01-02 15:04:05.999999999 -0700 MST`, without the zeros at the fraction's end. */
function goTime(date: Date): string {
  const fraction = formatGoTime('.000', date).replace(/\.?0+$/u, '');
  return `${formatGoTime('2006-01-02 15:04:05', date)}${fraction}${formatGoTime(' -0700 MST', date)}`;
}
