import { accessSync, constants, readFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { watchFiles } from '@portcullis/platform-config';
import type { UserDirectory } from './user-directory.js';
import { replaceDigest } from './users-yaml.js';
import { replaceFile } from './replace-file.js';

/** The users file as it lies there, or the report of what is wrong with it. */
export type UsersReading = { readonly ok: true; readonly directory: UserDirectory } | { readonly ok: false; readonly report: string };

export interface UsersFileOptions {
  readonly path: string;
  readonly read: (path: string) => UsersReading;
  readonly onInvalid: (report: string) => void;
}

/** The users file cannot be used at the start; the message is the whole report. */
export class UsersFileError extends Error {
  override readonly name = 'UsersFileError';
  readonly code = 'USERS_FILE';
}

/** `stale`: the user is gone, disabled or has another digest by now. `read_only`: the file cannot be written, or not without guessing. */
export type Writing = 'written' | 'stale' | 'read_only';

/** The users file: read whole or not at all, and edited in one place only. */
export class UsersFile {
  readonly #options: UsersFileOptions;
  #directory: UserDirectory;
  #hash: string;
  #valid = true;
  #onChange: () => void = () => undefined;

  constructor(options: UsersFileOptions) {
    this.#options = options;
    this.#hash = hashOf(options.path);
    const reading = options.read(options.path);
    if (!reading.ok) throw new UsersFileError(reading.report);
    this.#directory = reading.directory;
  }

  get directory(): UserDirectory {
    return this.#directory;
  }

  /** Whether the users are those of the file as it is now. */
  get valid(): boolean {
    return this.#valid;
  }

  /** Whom to tell when the users are others. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Whether a new password could be kept. */
  get writable(): boolean {
    try {
      accessSync(this.#options.path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes in an edit; an invalid one changes nothing. Whether the users are others now. */
  reload(): boolean {
    // Before the reading: what is written in between is seen at the next look.
    const seen = hashOf(this.#options.path);
    if (seen === this.#hash) return false;
    this.#hash = seen;
    const reading = this.#options.read(this.#options.path);
    this.#valid = reading.ok;
    if (!reading.ok) {
      this.#options.onInvalid(reading.report);
      return false;
    }
    this.#directory = reading.directory;
    this.#onChange();
    return true;
  }

  /** Reloads within 0.7 s of a save, until the signal ends it. */
  async watch(signal: AbortSignal): Promise<void> {
    const reload = (): void => void this.reload();
    await watchFiles([this.#options.path], reload, { signal });
    reload();
  }

  /**
   * Writes one new digest into the file as it lies there now, so that nobody else's edit is lost. `expected`: only in the place of this one.
   * Run it inside a write transaction of the store: that is what keeps two processes apart.
   */
  setDigest(username: string, digest: string, expected: string | null): Writing {
    const { path, read } = this.#options;
    const before = readFileSync(path, 'utf8');
    const reading = read(path);
    const user = reading.ok ? reading.directory.byName(username) : null;
    if (user === null || user.disabled || (expected !== null && user.digest !== expected)) return 'stale';
    const after = replaceDigest(before, username, digest);
    if (after === null) return 'read_only';
    if (readFileSync(path, 'utf8') !== before) return 'stale';
    try {
      replaceFile(path, after);
    } catch (cause) {
      if (isReadOnly(cause)) return 'read_only';
      throw cause;
    }
    this.reload();
    return 'written';
  }
}

function hashOf(path: string): string {
  try {
    return hash('sha256', readFileSync(path));
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  }
}

const READ_ONLY: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);
const isReadOnly = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && READ_ONLY.has(cause.code);
