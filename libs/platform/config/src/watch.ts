import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
  /**
   * The SHA-256 of the one file as it was last read, in hexadecimal, where it is read by others than `onChange` as well: what they took in must
   * be compared with, or an edit that brings back what the watch saw last is missed.
   */
  readonly taken?: () => string;
}

interface Look {
  readonly signature: string;
  readonly digest: string;
  readonly sinceMs: number;
}

const INTERVAL_MS = 100;
/** A content must be seen twice, this far apart, before it counts as written. */
const SETTLE_MS = 100;
const SETTLE_ROUNDS = 10;
/** Longer than the coarsest clock of a file system: a signature that stood this long cannot hide a second write. */
const TRUSTED_AFTER_MS = 3000;

/**
 * Calls `onChange` when the content of a file, or of the YAML files of a directory, has become another one and has settled; a touch is
 * no change. Resolves once the present content is noted: start it before the first load. It polls, since bind mounts, network file
 * systems, renaming editors and ConfigMap swaps do not tell reliably. `onChange` handles its own errors and is never run twice at once.
 */
export async function watchFiles(paths: readonly string[], onChange: () => void | Promise<void>, options: WatchOptions): Promise<void> {
  const looks = new Map<string, Look>();
  const known = await fingerprint(paths, looks);
  void follow(paths, looks, known, onChange, options);
}

async function follow(
  paths: readonly string[],
  looks: Map<string, Look>,
  start: string,
  onChange: () => void | Promise<void>,
  options: WatchOptions,
) {
  let last: string | undefined = start;
  const isKnown = (seen: string): boolean => seen === (options.taken?.() ?? last);
  while (await waited(options.intervalMs ?? INTERVAL_MS, options.signal)) {
    const seen = await fingerprint(paths, looks);
    if (isKnown(seen)) continue;
    const settled = await settle(paths, looks, seen, options.signal);
    if (isKnown(settled) || options.signal.aborted) continue;
    const before = signatureOf(looks);
    await onChange();
    // What was written meanwhile may be what was read, and be gone again.
    const after = await fingerprint(paths, looks);
    last = after === settled && signatureOf(looks) === before ? settled : undefined;
  }
}

const signatureOf = (looks: Map<string, Look>): string => [...looks].map(([path, { signature }]) => `${path}=${signature}`).join('\n');

/** Waits until the files are not being written. */
export async function untilSettled(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const looks = new Map<string, Look>();
  await settle(paths, looks, await fingerprint(paths, looks), signal);
}

async function settle(paths: readonly string[], looks: Map<string, Look>, first: string, signal: AbortSignal): Promise<string> {
  let seen = first;
  for (let round = 0; round < SETTLE_ROUNDS && (await waited(SETTLE_MS, signal)); round += 1) {
    const next = await fingerprint(paths, looks);
    if (next === seen) break;
    seen = next;
  }
  return seen;
}

async function fingerprint(paths: readonly string[], looks: Map<string, Look>): Promise<string> {
  const digests = await Promise.all(paths.map((path) => digestOf(path, looks)));
  return digests.join('\n');
}

async function digestOf(path: string, looks: Map<string, Look>): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return await digestOfDirectory(path, looks);
    const signature = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
    const last = looks.get(path);
    const nowMs = performance.now();
    if (last?.signature === signature && nowMs - last.sinceMs > TRUSTED_AFTER_MS) return last.digest;
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    looks.set(path, { signature, digest, sinceMs: last?.signature === signature ? last.sinceMs : nowMs });
    return digest;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  }
}

async function digestOfDirectory(path: string, looks: Map<string, Look>): Promise<string> {
  const names = (await readdir(path)).filter((name) => /\.ya?ml$/u.test(name)).sort();
  const digests = await Promise.all(names.map(async (name) => `${name}=${await digestOf(join(path, name), looks)}`));
  return digests.join(',');
}

/** False when the watch is over. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
}
