import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const listening = '0A';

function read<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

/** Inodes of the sockets that listen on a TCP port. @see proc_net_tcp in the kernel's documentation */
function listeningInodes(port: number): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of (read(() => readFileSync(table, 'utf8')) ?? '').split('\n')) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
      if (local?.endsWith(suffix) === true && state === listening && inode !== undefined) inodes.add(`socket:[${inode}]`);
    }
  }
  return inodes;
}

/** The program, and of Node the script: every Node calls itself `MainThread`. No other words of its command line, which may hold secrets. */
function nameOf(pid: string): string {
  const [program = '', ...words] = (read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0');
  const script = words.find((word) => /\.[cm]?js$/.test(word));
  if (basename(program) === 'node' && script !== undefined) return `node ${script}`;
  return read(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? 'a process';
}

/** `name (pid 123)` of a process that listens on the TCP port; undefined where the system does not say (not Linux, another user's process). */
export function portHolder(port: number): string | undefined {
  const sockets = listeningInodes(port);
  if (sockets.size === 0) return undefined;
  for (const pid of (read(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name))) {
    const files = read(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    const holds = files.some((fd) => sockets.has(read(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''));
    if (holds) return `${nameOf(pid)} (pid ${pid})`;
  }
  return undefined;
}
