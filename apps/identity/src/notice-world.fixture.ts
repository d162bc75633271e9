import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '@portcullis/contracts-identity';
import type { Notice } from '@portcullis/contracts-notifier';
import type { StoreLocation } from '@portcullis/platform-sql';
import { createLogger } from '@portcullis/platform-telemetry';
import { openDatabase } from './database.js';
import { NoticeOutbox } from './notices.js';
import type { People } from './people.js';
import { locationIn } from './store-kind.fixture.js';

export const STORAGE_SECRET = 'the storage key of the tests';

export interface Account {
  readonly address: string | null;
  readonly digest: string;
}

export type NoticeWorld = Awaited<ReturnType<typeof openNoticeWorld>>;

/** A real store (in `place`, or one that nobody has used yet) with an outbox, and people whose accounts a test can change. */
export async function openNoticeWorld(place?: StoreLocation) {
  const directory = mkdtempSync(join(tmpdir(), 'notices-'));
  const location = place ?? (await locationIn(directory));
  const clock = { nowMs: 1_800_000_000_000 };
  const now = (): number => clock.nowMs;
  const log = createLogger({ level: 'trace', format: 'text', filePath: join(directory, 'log'), service: 'identity' });
  const accounts = new Map<string, Account>();
  // A notice's id is all that its outbox asks chance for.
  const written: string[] = [];
  const random = (bytes: number): Buffer => {
    const drawn = randomBytes(bytes);
    written.push(drawn.toString('base64url'));
    return drawn;
  };
  const db = await openDatabase(location);
  const outbox = new NoticeOutbox({ db, secret: STORAGE_SECRET, now, random });
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
  const rows = async () => {
    const found = await db.selectFrom('notices').selectAll().execute();
    return found.sort((a, b) => written.indexOf(a.id) - written.indexOf(b.id));
  };
  return {
    location,
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
