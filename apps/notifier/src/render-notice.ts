import { type Notice, noticeTitle } from '@portcullis/contracts-notifier';
import { formatGoTime } from '@portcullis/platform-telemetry';
import type { Data } from './mail-template.js';
import type { Templates } from './templates.js';

/** A notice as a person gets it. */
export interface Letter {
  readonly to: { readonly name: string; readonly address: string };
  readonly title: string;
  readonly text: string;
  readonly html: string;
}

type Event = Extract<Notice, { kind: 'event' }>;

export function renderNotice(notice: Notice, templates: Templates): Letter {
  const { base, data } = dataOf(notice);
  const body = { Title: noticeTitle(notice), DisplayName: oneLine(notice.to.name), RemoteIP: oneLine(notice.remoteIp), ...data };
  return {
    to: { name: oneLine(notice.to.name), address: oneLine(notice.to.address) },
    title: body.Title,
    text: templates[`${base}.txt`](body),
    html: templates[`${base}.html`](body),
  };
}

type Base = 'IdentityVerificationOTC' | 'IdentityVerificationJWT' | 'Event' | 'NewDevice';

function dataOf(notice: Notice): { readonly base: Base; readonly data: Data } {
  switch (notice.kind) {
    case 'one_time_code':
      return { base: 'IdentityVerificationOTC', data: { ...mailed(notice), OneTimeCode: notice.code, RevocationLinkText: 'Cancel the code' } };
    case 'password_reset': {
      const { url, token } = notice;
      const link = { LinkURL: url ?? '', LinkText: 'Choose a new password', Token: url === null ? token : '' };
      return { base: 'IdentityVerificationJWT', data: { ...mailed(notice), ...link, RevocationLinkText: 'Cancel the link' } };
    }
    case 'event':
      return { base: 'Event', data: eventData(notice) };
    case 'new_device': {
      const { device, domain, atMs, disownUrl } = notice;
      const link = { LinkURL: disownUrl ?? '', LinkText: 'This was not me' };
      return { base: 'NewDevice', data: { Device: oneLine(device), Domain: domain, Time: timeOf(atMs), ...link } };
    }
  }
}

const mailed = (notice: Extract<Notice, { expiresAtMs: number }>): Data => ({
  Domain: notice.domain,
  ExpiresAt: timeOf(notice.expiresAtMs),
  RevocationLinkURL: notice.revokeUrl ?? '',
});

const EVENTS: Readonly<Record<Event['event'], { readonly what: string; readonly action: string }>> = {
  totp_added: { what: 'a one-time password was added to your account as a second factor', action: 'Second factor added' },
  totp_removed: { what: 'the one-time password was removed from your account', action: 'Second factor removed' },
  password_changed: { what: 'the password of your account was changed', action: 'Password changed' },
  password_reset: { what: 'the password of your account was set anew by a mailed link', action: 'Password reset' },
  recovery_codes_made: {
    what: 'new recovery codes were made for your account, and the older ones do not work any more',
    action: 'Recovery codes made',
  },
  recovery_code_used: { what: 'a recovery code was used to sign in to your account', action: 'Recovery code used' },
};

function eventData({ event, remoteIp, atMs }: Event): Data {
  const { what, action } = EVENTS[event];
  return {
    BodyPrefix: 'this is to tell you that',
    BodyEvent: what,
    BodySuffix: 'If it was not you, somebody has access to your account: tell whoever runs this portal at once.',
    Details: { Action: action, Address: oneLine(remoteIp), Time: timeOf(atMs) },
  };
}

const timeOf = (ms: number): string => formatGoTime('15:04:05 MST on 2 January 2006', new Date(ms));

/** A name is a person's own choice: it must not write lines of the mail. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();
