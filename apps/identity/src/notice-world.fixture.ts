import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '@portcullis/contracts-identity';
import type { Notice } from '@portcullis/contracts-notifier';
import { createLogger } from '@portcullis/platform-telemetry';
import { sql } from 'kysely';
import { openDatabase } from './database.js';
import { NoticeOutbox } from './notices.js';
import type { People } from './people.js';

export const STORAGE_SECRET = 'the storage key of the tests';

export interface Account {
  readonly address: string | null;
  readonly digest: string;
}

export type NoticeWorld = Awaited<ReturnType<typeof openNoticeWorld>>;

/** A real store with an outbox, and people whose accounts a test can change. */
export async function openNoticeWorld() {
  const directory = mkdtempSync(join(tmpdir(), 'notices-'));
  const path = join(directory, 'store.sqlite3');
  const clock = { nowMs: 1_800_000_000_000 };
  const now = (): number => clock.nowMs;
  const log = createLogger({ level: 'trace', format: 'text', filePath: join(directory, 'log'), service: 'identity' });
  const accounts = new Map<string, Account>();
  const db = await openDatabase(path);
  const outbox = new NoticeOutbox({ db, secret: STORAGE_SECRET, now, random: randomBytes });
  const byName = (username: string): Person | null => {
    const account = accounts.get(username);
    if (account === undefined) return null;
    return { username, displayName: `The ${username}`, emails: account.address === null ? [] : [account.address], groups: [] };
  };
  const people: People = {
    byName,
    lookup: byName,
    recipient: (username) => {
      const person = byName(username);
      const address = person?.emails[0];
      return person === null || address === undefined ? null : { name: person.displayName, address };
    },
  };
  // In the order they were written, also within a millisecond.
  const rows = () =>
    db
      .selectFrom('notices')
      .selectAll()
      .orderBy(sql`rowid`)
      .execute();
  return {
    path,
    db,
    clock,
    now,
    random: randomBytes,
    log,
    outbox,
    accounts,
    people,
    credentials: (username: string): string | null => {
      const account = accounts.get(username);
      return account === undefined ? null : `${account.digest}\0${account.address ?? ''}`;
    },
    portalUrl: (domain: string): string | null => (domain === 'example.com' ? 'https://auth.example.com/' : null),
    rows,
    /** What waits to be told. */
    waiting: async (): Promise<readonly Notice[]> => (await rows()).filter(({ state }) => state === 'waiting').map((row) => outbox.payloadOf(row)),
    logged: async (): Promise<string> => {
      await log.flush();
      return readFileSync(join(directory, 'log'), 'utf8');
    },
    close: async (): Promise<void> => {
      await db.destroy();
      rmSync(directory, { recursive: true });
    },
  };
}
