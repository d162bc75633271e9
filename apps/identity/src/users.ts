import type { UserEdit } from '@portcullis/contracts-identity';
import type { Database } from './database.js';
import type { UserDirectory } from './user-directory.js';
import type { UserChange } from './user-edits.js';

/** `stale`: the user is gone, disabled or has another digest by now. `read_only`: what keeps the users cannot be written, or not without guessing. */
export type Writing = 'written' | 'stale' | 'read_only';

/** What came of an operator's edits. `by_hand`: what is to be changed is written at another place of the file. */
export type Editing =
  | { readonly outcome: 'done'; readonly changes: readonly UserChange[] }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] }
  | { readonly outcome: 'read_only' | 'by_hand' };

/** Where the users live: a file, or a table of the store. */
export interface Users {
  readonly backend: 'file' | 'sql';
  /** The file, or the store, as messages name it. */
  readonly place: string;
  /** As it was last read. */
  readonly directory: UserDirectory;
  /** Whether that is what lies there now; no: what lies there cannot be used. */
  readonly valid: boolean;
  /** What must be made writable before a new password can be kept, in a sentence; null: it can. */
  readonly readOnly: string | null;
  /** Whom to tell when the users are others. */
  onChange(listener: () => void): void;
  /** As this transaction sees them. */
  read(trx: Database): Promise<UserDirectory>;
  /** Takes in what another process wrote. */
  refresh(): Promise<void>;
  /** Takes in what is written by others within two seconds, until the signal ends it. */
  watch(signal: AbortSignal): Promise<void>;
  /** Keeps one new digest, as the last step of the transaction; `refresh` behind it. `expected`: only in the place of this one. */
  setDigest(trx: Database, username: string, digest: string, expected: string | null): Promise<Writing>;
  /** All of the edits or none, as the last step of the transaction; `refresh` behind it. */
  edit(trx: Database, edits: readonly UserEdit[], dryRun: boolean): Promise<Editing>;
}
