import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { hash } from 'node:crypto';
import { dirname } from 'node:path';
import { replaceFile, untilSettled, watchFiles } from '@portcullis/platform-config';
import type { UserEdit } from '@portcullis/contracts-identity';
import { alone } from './file-lock.js';
import type { SearchOptions, UserDirectory } from './user-directory.js';
import { planEdits } from './user-edits.js';
import type { Editing, Users, Writing } from './users.js';
import { editUsers, replaceDigest } from './users-yaml.js';

/** The users file as it lies there, or the report of what is wrong with it. */
export type UsersReading = { readonly ok: true; readonly directory: UserDirectory } | { readonly ok: false; readonly report: string };

export interface UsersFileOptions {
  readonly path: string;
  readonly read: (path: string) => UsersReading;
  readonly search: SearchOptions;
  readonly onInvalid: (report: string) => void;
}

/** The users file cannot be used at the start; the message is the whole report. */
export class UsersFileError extends Error {
  override readonly name = 'UsersFileError';
  readonly code = 'USERS_FILE';
}

/** How often an edit is made again because somebody else's came in between. */
const TRIES = 20;
const NEVER = new AbortController().signal;

/** The users file: read whole or not at all, and edited by one process at a time, in the places that change only. */
export class UsersFile implements Users {
  readonly backend = 'file';
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

  get place(): string {
    return this.#options.path;
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

  /** The folder counts too: a new file takes the old one's place, for a crash would leave half of one written in place, and the lock lies there. */
  get readOnly(): string | null {
    const { path } = this.#options;
    const folder = folderOf(path);
    if (!isWritable(folder)) return `the folder ${folder} must be writable for the identity service: a new file takes the place of the old one`;
    return isWritable(path) ? null : `${path} must be writable for the identity service`;
  }

  read(): Promise<UserDirectory> {
    return Promise.resolve(this.#directory);
  }

  async refresh(): Promise<void> {
    if (hashOf(this.#options.path) === this.#hash) return;
    // It may be under somebody's pen.
    await untilSettled([this.#options.path], NEVER);
    this.reload();
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

  /** Reloads within 0.3 s of a save, until the signal ends it. */
  async watch(signal: AbortSignal): Promise<void> {
    const reload = (): void => void this.reload();
    await watchFiles([this.#options.path], reload, { signal, taken: () => this.#hash });
    reload();
  }

  async setDigest(_: unknown, username: string, digest: string, expected: string | null): Promise<Writing> {
    const writing = this.#rewrite<Writing>((text, directory) => {
      const user = directory?.byName(username) ?? null;
      if (user === null || user.disabled || (expected !== null && user.digest !== expected)) return { result: 'stale' };
      const after = replaceDigest(text, username, digest);
      return after === null ? { result: 'read_only' } : { result: 'written', text: after };
    });
    return Promise.resolve(writing ?? 'read_only');
  }

  async edit(_: unknown, edits: readonly UserEdit[], dryRun: boolean): Promise<Editing> {
    const { path, search } = this.#options;
    const change: Change<Editing> = (text, directory) => {
      if (directory === null)
        return {
          result: { outcome: 'invalid', problems: [`${path} cannot be used as it is: mend it first (portcullis validate-config names the line)`] },
        };
      const plan = planEdits(directory.users, edits, search);
      if (!plan.ok) return { result: { outcome: 'invalid', problems: plan.problems } };
      const done = { outcome: 'done', changes: plan.changes } as const;
      if (plan.changes.length === 0) return { result: done };
      const after = editUsers(text, plan.changes);
      return after === null ? { result: { outcome: 'by_hand' } } : { result: done, text: after };
    };
    if (dryRun) return Promise.resolve(change(...this.#look()).result);
    return Promise.resolve((this.readOnly === null ? this.#rewrite(change) : null) ?? { outcome: 'read_only' });
  }

  /** One writer at a time, and what somebody else saved meanwhile is never overwritten: the change is made anew in that. null: it cannot be written. */
  #rewrite<Result>(change: Change<Result>): Result | null {
    const { path } = this.#options;
    try {
      return alone(path, () => {
        for (let tries = 0; tries < TRIES; tries += 1) {
          const [before, directory] = this.#look();
          const { result, text } = change(before, directory);
          if (text !== undefined && !replaceFile(path, text, before)) continue;
          this.reload();
          return result;
        }
        throw new Error(`${path} was saved by somebody else each time it was to be written`);
      });
    } catch (cause) {
      if (isReadOnly(cause)) return null;
      throw cause;
    }
  }

  /** The text, and the users in it; null: it cannot be used as it is. */
  #look(): [string, UserDirectory | null] {
    const { path, read } = this.#options;
    const text = readFileSync(path, 'utf8');
    const reading = read(path);
    return [text, reading.ok ? reading.directory : null];
  }
}

/** What a change comes to for the text that lies there, and the text as it shall be, if another. */
type Change<Result> = (text: string, directory: UserDirectory | null) => { readonly result: Result; readonly text?: string };

function hashOf(path: string): string {
  try {
    return hash('sha256', readFileSync(path));
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  }
}

/** Where the file really lies. */
function folderOf(path: string): string {
  try {
    return dirname(realpathSync(path));
  } catch {
    return dirname(path);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const READ_ONLY: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);
const isReadOnly = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && READ_ONLY.has(cause.code);
