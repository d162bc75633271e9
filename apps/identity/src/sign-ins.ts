import type { identityContract } from '@portcullis/contracts-identity';
import type { sessionContract } from '@portcullis/contracts-session';
import { describeDevice, type Device } from '@portcullis/domain-devices';
import { canonicalBanAddress } from '@portcullis/domain-regulation';
import type { Client, Handlers } from '@portcullis/platform-rpc';
import { keyedHash } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import { type Selectable, sql } from 'kysely';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { SignInTable } from './migrations-sign-ins.js';
import type { NoticeOutbox } from './notices.js';
import type { People } from './people.js';

type Identity = Handlers<typeof identityContract>;
type RecordRequest = Parameters<Identity['recordSignIn']>[0];

export interface SignInsOptions {
  readonly db: Database;
  readonly outbox: Pick<NoticeOutbox, 'write'>;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly people: Pick<People, 'recipient'>;
  readonly sessions: Pick<Client<typeof sessionContract>, 'endByHandle' | 'endUser'>;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  /** Of a cookie domain; null: none is configured, and nothing is learned from a request. */
  readonly portalUrl: (domain: string) => string | null;
  readonly log: Logger;
}

/** By what a browser was recognised, or that it was not. */
interface Recognised {
  readonly device: 'known' | 'new' | 'first';
  readonly token: string;
  readonly origin: string;
}

const DAY_MS = 86_400_000;
const LINK_MS = 7 * DAY_MS;
/** A week longer than a link works, so that one who comes late is told why. */
const KEEP_SIGN_INS_MS = 2 * LINK_MS;
const KEEP_DEVICES_MS = 400 * DAY_MS;
const MOST_DEVICES = 50;
/** Browsers without a secret look alike on one network: one that forgets its own each time must not push out the others. */
const MOST_OF_A_KIND = 5;
const MOST_TOLD = 100;
const MOST_OF_AN_ORIGIN = 50;
const AT_ONCE = 8;

/** Which browsers an account is signed in to from, the mail about one that was not there before, and its "this was not me". */
export class SignIns {
  readonly #options: SignInsOptions;
  readonly #hashToken: (data: string) => string;
  readonly #hashKind: (data: string) => string;
  readonly #hashDisown: (data: string) => string;

  constructor(options: SignInsOptions) {
    this.#options = options;
    this.#hashToken = keyedHash(options.secret, 'device-token');
    this.#hashKind = keyedHash(options.secret, 'device-kind');
    this.#hashDisown = keyedHash(options.secret, 'disown-token');
  }

  async record(request: RecordRequest): ReturnType<Identity['recordSignIn']> {
    const { db, now } = this.#options;
    const nowMs = now();
    const device = describeDevice(request.userAgent);
    return inTransaction(db, async (trx) => {
      const { device: known, token, origin } = await this.#recognise(trx, request, device, nowMs);
      const disown_hash = known === 'new' ? await this.#tell(trx, request, device, nowMs) : null;
      const { username, handle } = request;
      await trx.insertInto('sign_ins').values({ username, handle, origin, at_ms: nowMs, disown_hash, disowned_at_ms: null }).execute();
      await this.#bound(trx, username, origin);
      return { device: known, deviceToken: token };
    });
  }

  /** Ends the sessions first: where they cannot be ended, the link still works. */
  async disown({ token, ip }: Parameters<Identity['disownSignIn']>[0]): ReturnType<Identity['disownSignIn']> {
    const { db, now, log } = this.#options;
    const row = await db.selectFrom('sign_ins').selectAll().where('disown_hash', '=', this.#hashDisown(token)).executeTakeFirst();
    if (row === undefined) return { outcome: 'refused', reason: 'invalid' };
    if (row.disowned_at_ms !== null) return { outcome: 'refused', reason: 'used' };
    if (row.at_ms + LINK_MS <= now()) return { outcome: 'refused', reason: 'expired' };
    await this.#end(row);
    const isFirst = await inTransaction(db, async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('sign_ins')
        .set({ disowned_at_ms: now() })
        .where('id', '=', row.id)
        .where('disowned_at_ms', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      await writeAudit(trx, { kind: 'sign_in_disowned', username: row.username, actor: 'user', ip, detail: { handle: row.handle } }, now());
      return true;
    });
    if (!isFirst) return { outcome: 'refused', reason: 'used' };
    log.warn('A sign-in was disowned by the link in its mail: it and what followed from there is ended', { username: row.username, remote_ip: ip });
    return { outcome: 'disowned', username: row.username };
  }

  async forgetOld(nowMs: number): Promise<void> {
    const { db } = this.#options;
    await db
      .deleteFrom('sign_ins')
      .where('at_ms', '<', nowMs - KEEP_SIGN_INS_MS)
      .execute();
    // The last of a person stays: without it, whoever came next would be the first, of whom nobody is told.
    await db
      .deleteFrom('known_devices')
      .where('last_seen_ms', '<', nowMs - KEEP_DEVICES_MS)
      .where('id', 'not in', (query) =>
        query
          .selectFrom('known_devices as newest')
          .select(sql<number>`(select id from known_devices where username = newest.username order by last_seen_ms desc, id desc limit 1)`.as('id')),
      )
      .execute();
  }

  async #recognise(trx: Database, { username, ip, deviceToken }: RecordRequest, { browser, os }: Device, nowMs: number): Promise<Recognised> {
    const kind_hash = this.#hashKind([username, browser, os, networkOf(ip)].join('\0'));
    const shown = deviceToken === null ? null : this.#hashToken(deviceToken);
    const own = shown === null ? undefined : await this.#seeAgain(trx, username, shown, kind_hash, nowMs);
    if (own !== undefined && deviceToken !== null) return { device: 'known', token: deviceToken, origin: own };

    const token = this.#options.random(32).toString('base64url');
    const token_hash = this.#hashToken(token);
    // A secret that others on this browser have is not taken over but replaced, for them too: whoever planted it does not know the new one.
    if (shown !== null) await trx.updateTable('known_devices').set({ token_hash }).where('token_hash', '=', shown).execute();
    const { alike, any } = await this.#others(trx, username, kind_hash);
    const origin = alike ?? this.#options.random(16).toString('base64url');
    await trx.insertInto('known_devices').values({ username, token_hash, kind_hash, origin, last_seen_ms: nowMs }).execute();
    await forgetBeyond(trx, MOST_OF_A_KIND, username, kind_hash);
    await forgetBeyond(trx, MOST_DEVICES, username);
    return { device: alike !== undefined ? 'known' : any ? 'new' : 'first', token, origin };
  }

  /** The origin of this user's browser with that secret. */
  async #seeAgain(trx: Database, username: string, tokenHash: string, kind_hash: string, nowMs: number): Promise<string | undefined> {
    const seen = await trx
      .updateTable('known_devices')
      .set({ kind_hash, last_seen_ms: nowMs })
      .where('username', '=', username)
      .where('token_hash', '=', tokenHash)
      .returning('origin')
      .executeTakeFirst();
    return seen?.origin;
  }

  async #others(trx: Database, username: string, kindHash: string): Promise<{ readonly alike: string | undefined; readonly any: boolean }> {
    const devices = trx.selectFrom('known_devices').select('origin').where('username', '=', username).orderBy('last_seen_ms', 'desc').limit(1);
    const alike = await devices.where('kind_hash', '=', kindHash).executeTakeFirst();
    return { alike: alike?.origin, any: (await devices.executeTakeFirst()) !== undefined };
  }

  /** The mail; what its link is known by. null: there is no address, or no portal to link to. */
  async #tell(trx: Database, { username, ip, domain }: RecordRequest, device: Device, nowMs: number): Promise<string | null> {
    const { people, outbox, portalUrl, random } = this.#options;
    const to = people.recipient(username);
    if (to === null) return null;
    const portal = portalUrl(domain)?.replace(/\/+$/u, '') ?? null;
    const token = random(32).toString('base64url');
    const disownUrl = portal === null ? null : `${portal}/revoke/session?token=${token}`;
    await outbox.write(trx, { kind: 'new_device', to, device: inWords(device), disownUrl, remoteIp: ip, domain, atMs: nowMs }, username);
    return disownUrl === null ? null : this.#hashDisown(token);
  }

  async #end({ username, origin }: Selectable<SignInTable>): Promise<void> {
    const { db, sessions } = this.#options;
    const handles = await inTransaction(db, async (trx) => {
      // From now on whoever comes from there is new, and told of. The rows stay, so that they are nobody's first.
      await trx
        .updateTable('known_devices')
        .set({ kind_hash: '', token_hash: sql`'disowned ' || id` })
        .where('username', '=', username)
        .where('origin', '=', origin)
        .execute();
      return trx.selectFrom('sign_ins').select('handle').where('username', '=', username).where('origin', '=', origin).execute();
    });
    const reason = 'disowned' as const;
    // More than are kept: which sessions began there is not known any more.
    if (handles.length >= MOST_OF_AN_ORIGIN) await sessions.endUser({ username, exceptId: null, reason });
    for (let at = 0; at < handles.length; at += AT_ONCE) {
      await Promise.all(handles.slice(at, at + AT_ONCE).map(({ handle }) => sessions.endByHandle({ username, handle, reason })));
    }
  }

  async #bound(trx: Database, username: string, origin: string): Promise<void> {
    const newest = trx.selectFrom('sign_ins').select('id').where('username', '=', username).orderBy('id', 'desc');
    const untold = newest.where('origin', '=', origin).where('disown_hash', 'is', null).limit(MOST_OF_AN_ORIGIN);
    const told = newest.where('disown_hash', 'is not', null).limit(MOST_TOLD);
    const mine = trx.deleteFrom('sign_ins').where('username', '=', username);
    await mine.where('origin', '=', origin).where('disown_hash', 'is', null).where('id', 'not in', untold).execute();
    await mine.where('disown_hash', 'is not', null).where('id', 'not in', told).execute();
  }
}

/** The longest unseen first; of one kind, where it is given. */
async function forgetBeyond(trx: Database, most: number, username: string, kindHash?: string): Promise<void> {
  const newest = trx
    .selectFrom('known_devices')
    .select('id')
    .where('username', '=', username)
    .orderBy('last_seen_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(most);
  const mine = trx.deleteFrom('known_devices').where('username', '=', username);
  if (kindHash === undefined) await mine.where('id', 'not in', newest).execute();
  else
    await mine
      .where('kind_hash', '=', kindHash)
      .where('id', 'not in', newest.where('kind_hash', '=', kindHash))
      .execute();
}

/** The /24 of IPv4 and the /64 of IPv6: at home and on the phone the last part changes by itself. */
const networkOf = (ip: string): string => (canonicalBanAddress(ip) ?? ip).replace(/\.\d+$/u, '.0/24');

function inWords({ browser, os }: Device): string {
  if (browser === null) return os === null ? 'an unknown device' : `an unknown browser on ${os}`;
  return os === null ? browser : `${browser} on ${os}`;
}
