import { expect, it } from 'vitest';
import { notice, noticeTitle } from './index.js';

const to = { name: 'Alice', address: 'alice@example.com' };

it('gives every notice a title', () => {
  expect(noticeTitle({ kind: 'event', to, event: 'totp_added', remoteIp: '192.0.2.1', atMs: 0 })).toBe('Second Factor Method Added');
  expect(noticeTitle({ kind: 'event', to, event: 'password_reset', remoteIp: '192.0.2.1', atMs: 0 })).toBe('Password changed successfully');
  expect(noticeTitle({ kind: 'one_time_code', to, code: 'ABCDEFGH', expiresAtMs: 0, revokeUrl: null, remoteIp: '', domain: 'example.com' })).toBe(
    'Confirm your identity',
  );
});

it('refuses a kind it does not know', () => {
  expect(notice.safeParse({ kind: 'advert', to }).success).toBe(false);
});
