import type { EndReason, SessionRecord } from '@portcullis/contracts-session';
import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LastSeen } from './last-seen.js';
import { type LiveSession, liveSession } from './live-session.js';
import { SessionCache } from './session-cache.js';
import { type SessionDomain, SessionGate } from './session-gate.js';
import type { SessionReader } from './session-reader.js';

const MINUTE = 60_000;
const domain: SessionDomain = { domain: 'example.com', inactivityMs: 30 * MINUTE };
const key = hash('sha256', 'the id', 'base64url');
const START = 1_000_000;

/** What stands in for Redis, the batch and the session service, by hand. */
let stored: Map<string, LiveSession>;
let seenElsewhere: Map<string, number>;
let asked: string[];
let noted: [string, number][];
let endings: [string, EndReason][];
let settleEnd: () => void;
let cache: SessionCache;
let gate: SessionGate;

beforeEach(() => {
  stored = new Map();
  seenElsewhere = new Map();
  asked = [];
  noted = [];
  endings = [];
  settleEnd = () => undefined;
  cache = new SessionCache();
  cache.open();
  const reader: Pick<SessionReader, 'read' | 'lastSeen'> = {
    read: (hashed) => {
      asked.push(`read ${hashed}`);
      return Promise.resolve(stored.get(hashed) ?? null);
    },
    lastSeen: (hashed) => {
      asked.push(`seen ${hashed}`);
      return Promise.resolve(seenElsewhere.get(hashed) ?? null);
    },
  };
  const lastSeen: Pick<LastSeen, 'note'> = { note: (hashed, atMs) => noted.push([hashed, atMs]) };
  gate = new SessionGate({
    cache,
    reader: reader as SessionReader,
    lastSeen: lastSeen as LastSeen,
    end: (id, reason) => {
      endings.push([id, reason]);
      return new Promise((resolve) => {
        settleEnd = resolve;
      });
    },
    serveCached: false,
  });
});

const sessionOf = (change: Partial<SessionRecord> = {}): LiveSession =>
  liveSession(
    key,
    {
      v: 1,
      handle: 'h',
      profile: { username: 'alice', displayName: 'Alice', emails: [], groups: [] },
      domain: 'example.com',
      remembered: false,
      createdAtMs: START,
      issuedAtMs: START,
      expiresAtMs: START + 60 * MINUTE,
      passwordAtMs: START,
      totpAtMs: null,
      elevation: null,
      device: { ip: '::1', userAgent: '' },
      ...change,
    },
    null,
    START,
  );
/** Puts the session into memory as if it had been read at `readAtMs`. */
function remember(session: LiveSession | null, readAtMs = START): void {
  cache.store(key, cache.begin(key), session === null ? null : { ...session, readAtMs }, readAtMs);
}
const find = (atMs: number, id = 'the id'): LiveSession | null | Promise<LiveSession | null> => gate.find(id, domain, atMs);

describe('a session that memory knows', () => {
  it('is answered at once, and Redis is not asked', () => {
    remember(sessionOf());
    expect(find(START + 1)).toMatchObject({ subject: { username: 'alice' } });
    expect(asked).toEqual([]);
  });

  it('that is known not to be there is answered at once too', () => {
    remember(null);
    expect(find(START + 1)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is read again after a change', async () => {
    remember(sessionOf());
    gate.forget('the id');
    expect(await find(START + 1)).toBeNull();
    expect(asked).toEqual([`read ${key}`]);
  });
});

describe('a session that memory does not know', () => {
  it('is read by its hash, never by its id', async () => {
    stored.set(key, sessionOf());
    expect(await find(START + 1)).toMatchObject({ hash: key });
    expect(asked).toEqual([`read ${key}`]);
  });

  it('and Redis neither is nobody', async () => {
    expect(await find(START, 'another id')).toBeNull();
    expect(endings).toEqual([]);
  });
});

describe('a session counts', () => {
  it('until its end, whatever happens', () => {
    remember(sessionOf(), START + 59 * MINUTE + 1);
    const session = find(START + 29 * MINUTE);
    expect(session).not.toBeNull();
    expect(find(START + 59 * MINUTE - 1)).toBe(session);
    expect(find(START + 60 * MINUTE)).toBeNull();
    expect([asked, endings]).toEqual([[], []]);
  });

  it('while somebody uses it', () => {
    const session = { ...sessionOf(), readAtMs: START };
    stored.set(key, session);
    for (let at = START; at < START + 59 * MINUTE; at += 29 * MINUTE) {
      cache.store(key, cache.begin(key), Object.assign(session, { readAtMs: at }), at);
      expect(find(at)).toBe(session);
    }
  });

  it('for ever without use when it is remembered', () => {
    remember(sessionOf({ remembered: true, expiresAtMs: START + 1000 * MINUTE }), START + 900 * MINUTE);
    expect(find(START + 900 * MINUTE)).not.toBeNull();
  });
});

describe('a session nobody used for too long', () => {
  const late = START + 31 * MINUTE;

  it('is ended, after Redis was asked once', async () => {
    remember(sessionOf(), late);
    expect(await find(late)).toBeNull();
    expect([asked, endings]).toEqual([[`seen ${key}`], [['the id', 'inactivity']]]);
  });

  it('is live when another gate saw it', async () => {
    remember(sessionOf(), late);
    seenElsewhere.set(key, START + 20 * MINUTE);
    expect(await find(late)).toMatchObject({ lastSeenMs: late });
    expect(find(late + 1)).not.toBeInstanceOf(Promise);
    expect(endings).toEqual([]);
  });

  it('is ended when the other gate saw it too long ago as well', async () => {
    remember(sessionOf(), late);
    seenElsewhere.set(key, START + 30_000);
    expect(await find(late)).toBeNull();
    expect(endings).toEqual([['the id', 'inactivity']]);
  });
});

describe('a session shown to another cookie domain (attack 51)', () => {
  const other: SessionDomain = { domain: 'other.test', inactivityMs: 0 };

  it('is refused and ended', () => {
    remember(sessionOf());
    expect(gate.find('the id', other, START)).toBeNull();
    expect(endings).toEqual([['the id', 'moved_domain']]);
  });

  it('is ended once, however many requests show it', async () => {
    remember(sessionOf());
    for (let i = 0; i < 3; i++) expect(gate.find('the id', other, START)).toBeNull();
    expect(endings).toHaveLength(1);
    settleEnd();
    await new Promise(setImmediate);
    void gate.find('the id', other, START);
    expect(endings).toHaveLength(2);
  });
});

it('a session that a header says is another’s is ended', () => {
  expect(gate.endAsImpostor('the id')).toBeNull();
  expect(endings).toEqual([['the id', 'refused_factor']]);
});

describe('when it was last seen', () => {
  it('is told at most every twentieth of the inactivity, never by every verify', () => {
    const session = sessionOf();
    remember(session);
    for (let second = 0; second < 50; second++) void find(START + second * 1000);
    expect(noted).toEqual([[key, START]]);
    remember(session, START + 90_000);
    void find(START + 90_000);
    expect(noted).toHaveLength(2);
  });

  it('is at least five seconds apart, however short the inactivity', () => {
    remember(sessionOf());
    const short: SessionDomain = { domain: 'example.com', inactivityMs: 10_000 };
    for (let ms = 0; ms < 5000; ms += 100) void gate.find('the id', short, START + ms);
    expect(noted).toHaveLength(1);
    void gate.find('the id', short, START + 5000);
    expect(noted).toHaveLength(2);
  });

  it('never goes back', () => {
    remember(sessionOf());
    void find(START + 5000);
    expect(find(START + 1000)).toMatchObject({ lastSeenMs: START + 5000 });
  });
});
