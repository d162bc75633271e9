import { expect, it } from 'vitest';
import { sessionRecord } from './record.js';

const record = {
  v: 1,
  handle: 'h',
  profile: { username: 'alice', displayName: 'Alice', emails: [], groups: ['admins'] },
  domain: 'example.com',
  remembered: false,
  createdAtMs: 1,
  issuedAtMs: 1,
  expiresAtMs: 2,
  passwordAtMs: 1,
  totpAtMs: null,
  elevation: null,
  device: { ip: '192.0.2.1', userAgent: '' },
};

it('reads a record written by a later version that added a field', () => {
  expect(sessionRecord.parse({ ...record, region: 'moon' })).toEqual(record);
});

it('refuses a record of a version it does not know', () => {
  expect(sessionRecord.safeParse({ ...record, v: 2 }).success).toBe(false);
});

it('refuses a record without an end', () => {
  expect(sessionRecord.safeParse({ ...record, expiresAtMs: undefined }).success).toBe(false);
});
