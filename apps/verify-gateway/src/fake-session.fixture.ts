import type { EndReason, sessionContract, SessionRecord, SessionSummary } from '@portcullis/contracts-session';
import type { Client } from '@portcullis/platform-rpc';
import { hash, randomBytes } from 'node:crypto';

type SessionClient = Client<typeof sessionContract>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The session service in memory, by hand: it keeps records by id, and says what it was asked. Assign an operation to make it fail. */
export class FakeSession implements SessionClient {
  readonly records = new Map<string, SessionRecord>();
  readonly ended: [string, EndReason][] = [];

  constructor(private readonly now: () => number) {}

  /** What lies in Redis under that hash. */
  byHash(hashed: string): SessionRecord | null {
    for (const [id, record] of this.records) if (hash('sha256', id, 'base64url') === hashed) return record;
    return null;
  }

  /** Signs somebody in without the portal; gives the id. */
  async signedIn(username: string, level: 1 | 2 = 1, change: Partial<SessionRecord> = {}): Promise<string> {
    const profile = { username, displayName: `The ${username}`, emails: [`${username}@example.com`], groups: ['users'] };
    const created = await this.create({
      profile,
      domain: 'example.com',
      remember: false,
      device: { ip: '203.0.113.7', userAgent: '' },
      replaces: null,
    });
    if (created.outcome !== 'created') throw new Error(created.outcome);
    const totpAtMs = level === 2 ? this.now() : null;
    this.records.set(created.id, { ...(this.records.get(created.id) as SessionRecord), totpAtMs, ...change });
    return created.id;
  }

  create: SessionClient['create'] = ({ profile, domain, remember, device, replaces }) => {
    if (replaces !== null) this.#end(replaces, 'replaced');
    const now = this.now();
    const record: SessionRecord = {
      v: 1,
      handle: randomBytes(12).toString('base64url'),
      profile,
      domain,
      remembered: remember,
      createdAtMs: now,
      issuedAtMs: now,
      expiresAtMs: now + (remember ? 30 * DAY_MS : HOUR_MS),
      passwordAtMs: now,
      totpAtMs: null,
      elevation: null,
      device,
    };
    const id = this.#keep(record);
    return Promise.resolve({ outcome: 'created', id, handle: record.handle, expiresAtMs: record.expiresAtMs, remembered: remember });
  };
  raise: SessionClient['raise'] = ({ id, factor }) => this.#rotate(id, factor === 'totp' ? { totpAtMs: this.now() } : { passwordAtMs: this.now() });
  elevate: SessionClient['elevate'] = ({ id, ip, forMs }) => this.#rotate(id, { elevation: { ip, untilMs: this.now() + forMs } });
  lower: SessionClient['lower'] = ({ id }) => this.#rotate(id, { elevation: null });
  renew: SessionClient['renew'] = ({ id }) => this.#rotate(id, {});
  end: SessionClient['end'] = ({ id, reason }) => Promise.resolve({ outcome: 'ended', existed: this.#end(id, reason) });

  endByHandle: SessionClient['endByHandle'] = ({ username, handle, reason }) =>
    Promise.resolve({ ended: this.#endWhere(username, (_id, record) => record.handle === handle, reason) });
  endUser: SessionClient['endUser'] = ({ username, exceptId, reason }) =>
    Promise.resolve({ ended: this.#endWhere(username, (id) => id !== exceptId, reason) });
  list: SessionClient['list'] = ({ username, limit }) => {
    const found = [...this.records.values()].filter((record) => record.profile.username === username).map(summaryOf);
    return Promise.resolve({ sessions: found.sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, limit) });
  };

  endAll: SessionClient['endAll'] = () => unused();
  read: SessionClient['read'] = () => unused();
  refreshUser: SessionClient['refreshUser'] = () => unused();

  #keep(record: SessionRecord): string {
    const id = randomBytes(32).toString('base64url');
    this.records.set(id, record);
    return id;
  }

  #rotate(id: string, change: Partial<SessionRecord>): ReturnType<SessionClient['renew']> {
    const record = this.records.get(id);
    if (record === undefined) return Promise.resolve({ outcome: 'gone' });
    this.records.delete(id);
    return Promise.resolve({ outcome: 'rotated', id: this.#keep({ ...record, ...change }), expiresAtMs: record.expiresAtMs });
  }

  #endWhere(username: string, ends: (id: string, record: SessionRecord) => boolean, reason: EndReason): number {
    const found = [...this.records].filter(([id, record]) => record.profile.username === username && ends(id, record));
    for (const [id] of found) this.#end(id, reason);
    return found.length;
  }

  #end(id: string, reason: EndReason): boolean {
    this.ended.push([id, reason]);
    return this.records.delete(id);
  }
}

const summaryOf = ({
  handle,
  profile,
  domain,
  remembered,
  createdAtMs,
  expiresAtMs,
  issuedAtMs,
  totpAtMs,
  device,
}: SessionRecord): SessionSummary => ({
  ...{ handle, username: profile.username, domain, remembered, createdAtMs, expiresAtMs, device },
  ...{ level: totpAtMs === null ? 1 : 2, lastSeenMs: issuedAtMs },
});

/** The gateway has no business with it. */
const unused = (): Promise<never> => Promise.reject(new Error('the gateway does not ask this'));
