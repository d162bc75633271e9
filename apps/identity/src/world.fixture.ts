import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notice } from '@portcullis/contracts-notifier';
import { createDigests, type DigestOptions } from '@portcullis/platform-digests';
import type { StoreLocation } from '@portcullis/platform-sql';
import { createLogger, createRegistry } from '@portcullis/platform-telemetry';
import { openDatabase } from './database.js';
import { EventNotices } from './event-notices.js';
import { createMetrics } from './metrics.js';
import { PasswordCheck } from './password-check.js';
import { createPeople } from './people.js';
import { openUsersFile } from './read-users.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Regulation, type RegulationSettings } from './regulation.js';
import { locationIn } from './store-kind.fixture.js';
import { TotpDevices } from './totp-devices.js';
import type { SearchOptions, UserDirectory } from './user-directory.js';
import { type Sessions, UserPublisher } from './user-publisher.js';

export const SECRET = 'the storage key of the tests';
/** As cheap as argon2 goes: the tests are about who may, not about cost. */
export const CHEAP: DigestOptions = {
  algorithm: 'argon2',
  variant: 'argon2id',
  iterations: 1,
  memoryKib: 8,
  parallelism: 1,
  keyLength: 32,
  saltLength: 16,
};

export interface WorldOptions {
  /** Default: one that nobody has used yet. */
  readonly location?: StoreLocation;
  readonly search?: Partial<SearchOptions>;
  readonly regulation?: Partial<RegulationSettings>;
}

/** What the session service was asked, and whether it answers. */
class RecordedSessions implements Sessions {
  readonly calls: string[] = [];
  away = false;

  readonly endUser: Sessions['endUser'] = ({ username, exceptId, reason }) =>
    this.#answer(`end ${username} but ${exceptId ?? 'none'}: ${reason}`, { ended: 1 });
  readonly endByHandle: Sessions['endByHandle'] = ({ username, handle, reason }) =>
    this.#answer(`end ${handle} of ${username}: ${reason}`, { ended: 1 });
  readonly refreshUser: Sessions['refreshUser'] = ({ username, profile }) =>
    this.#answer(`refresh ${username}: ${profile === null ? 'gone' : [profile.displayName, ...profile.groups].join(' ')}`, {
      refreshed: 1,
      ended: 0,
    });

  #answer<T>(call: string, reply: T): Promise<T> {
    if (this.away) return Promise.reject(new Error('the session service is away'));
    this.calls.push(call);
    return Promise.resolve(reply);
  }
}

/** A store, a users file and the parts of the service around them, in a directory of their own. */
export type World = Awaited<ReturnType<typeof openWorld>>;

/** `users`: the users file's text, given the digest of each name's password, which is `<name>'s password`. */
export async function openWorld(users: (digestOf: (name: string) => Promise<string>) => Promise<string>, options: WorldOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'));
  const usersPath = join(directory, 'users.yml');
  const clock = { nowMs: 1_800_000_000_000 };
  const now = (): number => clock.nowMs;
  const digests = createDigests();
  const log = createLogger({ level: 'trace', format: 'text', filePath: join(directory, 'log'), service: 'identity' });
  writeFileSync(usersPath, await users((name) => digests.make(CHEAP, `${name}'s password`)));

  const location = options.location ?? (await locationIn(directory));
  const db = await openDatabase(location);
  const file = openUsersFile(usersPath, { email: false, caseInsensitive: false, ...options.search }, log);
  const metrics = createMetrics(createRegistry({ service: 'identity', version: '0' }), digests, file);
  const directoryNow = (): UserDirectory => file.directory;
  const people = createPeople(directoryNow);
  const written: Notice[] = [];
  const notices = new EventNotices(people, (_, notice) => Promise.resolve(written.push(notice)));
  const regulation = new Regulation({ modes: ['user'], maxRetries: 3, findTimeMs: 120_000, banTimeMs: 300_000, ...options.regulation });
  const sessions = new RecordedSessions();
  const publisher = new UserPublisher({ db, sessions, users: file, secret: SECRET, log, now });
  const passwords = new PasswordCheck({
    db,
    users: directoryNow,
    refresh: async (user) => {
      if (!(await publisher.knows(user))) file.reload();
    },
    digest: CHEAP,
    digests,
    nameHash: (name) => Buffer.from(name.padEnd(4)).toString('base64url'),
    regulation,
    log,
    metrics,
    now,
  });

  return {
    directory,
    usersPath,
    location,
    db,
    file,
    users: file,
    log,
    digests,
    metrics,
    people,
    notices,
    regulation,
    sessions,
    publisher,
    passwords,
    devices: new TotpDevices(SECRET),
    codes: new RecoveryCodes(SECRET, randomBytes),
    random: randomBytes,
    now,
    clock,
    /** Every notice that was written, in order. */
    written,
    usersText: (): string => readFileSync(usersPath, 'utf8'),
    attempts: () => db.selectFrom('authentication_logs').selectAll().orderBy('id').execute(),
    /** What was logged, without the time. */
    logged: async (): Promise<readonly string[]> => {
      await log.flush();
      return readFileSync(join(directory, 'log'), 'utf8')
        .split('\n')
        .map((line) => line.replace(/^time="[^"]*" /u, ''));
    },
    close: async (): Promise<void> => {
      await publisher.close();
      await db.destroy();
      await digests.close();
      rmSync(directory, { recursive: true });
    },
  };
}
