import type { SessionRecord } from '@portcullis/contracts-session';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS_HEADERS, liveSession } from './live-session.js';

const record: SessionRecord = {
  v: 1,
  handle: 'h',
  profile: { username: 'alice', displayName: 'Alice', emails: ['alice@example.com', 'a@example.com'], groups: ['admins', 'users'] },
  domain: 'example.com',
  remembered: false,
  createdAtMs: 1000,
  issuedAtMs: 2000,
  expiresAtMs: 9000,
  passwordAtMs: 1000,
  totpAtMs: null,
  elevation: null,
  device: { ip: '::1', userAgent: '' },
};
const profile = (change: Partial<SessionRecord['profile']>): SessionRecord => ({ ...record, profile: { ...record.profile, ...change } });

it('what a verify needs is worked out once', () => {
  expect(liveSession('hash', record, null, 5000)).toEqual({
    hash: 'hash',
    record,
    level: 1,
    standing: { level: 1, header: 'none' },
    subject: { username: 'alice', groups: ['admins', 'users'] },
    headers: [
      'Remote-User',
      'alice',
      'Remote-Groups',
      'admins,users',
      'Remote-Name',
      'Alice',
      'Remote-Email',
      'alice@example.com',
      'Content-Length',
      '0',
    ],
    proxy: false,
    passwordChecked: false,
    expiresAtMs: record.expiresAtMs,
    remembered: record.remembered,
    readAtMs: 5000,
    lastSeenMs: 2000,
    reportedMs: 0,
    shownAs: null,
  });
});

it.each([
  [null, null, 0],
  [1000, null, 1],
  [1000, 1500, 2],
  [null, 1500, 0],
] as const)('a password at %s and a code at %s is level %i', (passwordAtMs, totpAtMs, level) => {
  expect(liveSession('hash', { ...record, passwordAtMs, totpAtMs }, null, 5000).level).toBe(level);
});

it.each([
  [null, 2000],
  [1500, 2000],
  [3000, 3000],
])('seen elsewhere at %s, it was last seen at %i', (seenMs, lastSeenMs) => {
  expect(liveSession('hash', record, seenMs, 5000).lastSeenMs).toBe(lastSeenMs);
});

describe('the headers', () => {
  it('of somebody without an address or groups are there, empty', () => {
    const { headers } = liveSession('hash', profile({ emails: [], groups: [] }), null, 0);
    expect(headers.slice(2, 8)).toEqual(['Remote-Groups', '', 'Remote-Name', 'Alice', 'Remote-Email', '']);
  });

  it('are bytes that any header may hold, whatever the name', () => {
    const { headers } = liveSession('hash', profile({ displayName: '日\r\nRemote-User: root\u0000' }), null, 0);
    const [name = ''] = headers.slice(5, 6);
    expect(Buffer.from(name, 'latin1').toString()).toBe('日  Remote-User: root ');
    expect(name).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
  });

  it('of nobody are all four, and empty', () => {
    expect(ANONYMOUS_HEADERS).toEqual(['Remote-User', '', 'Remote-Groups', '', 'Remote-Name', '', 'Remote-Email', '', 'Content-Length', '0']);
  });
});
