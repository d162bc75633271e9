import type { Notice } from '@portcullis/contracts-notifier';
import { describe, expect, it } from 'vitest';
import { renderNotice } from './render-notice.js';
import { loadTemplates } from './templates.js';

const templates = loadTemplates(null);
const to = { name: 'Newt Register', address: 'newt@example.com' };
const expiresAtMs = Date.UTC(2026, 10, 24, 12, 30, 15);
const code = { kind: 'one_time_code', to, code: 'ABCDEFGH', expiresAtMs, remoteIp: '192.0.2.7', domain: 'example.com' } as const;
const reset = { kind: 'password_reset', to, token: 'eyJ.a.b', expiresAtMs, remoteIp: '192.0.2.7', domain: 'example.com' } as const;
const revokeCode = 'https://auth.example.com/revoke/one-time-code?id=abc';
const resetUrl = 'https://auth.example.com/reset-password/step2?token=eyJ.a.b';
const revokeReset = 'https://auth.example.com/revoke/reset-password?token=other';

/** What programs that read mails look for. */
const links = (text: string): readonly string[] => [...text.matchAll(/https?:\/\/\S+/gu)].map(([link]) => link);
const codeIn = (text: string): string | undefined => /^[A-Z0-9]{6,20}$/mu.exec(text)?.[0];
const render = (notice: Notice) => renderNotice(notice, templates);

describe('a mail with a one-time code', () => {
  it('has the code alone on its line between dashes, and one link, to cancel it', () => {
    const { title, text } = render({ ...code, revokeUrl: revokeCode });
    expect(title).toBe('Confirm your identity');
    expect(text).toMatch(/^-{20,}\nABCDEFGH\n-{20,}$/mu);
    expect(codeIn(text)).toBe('ABCDEFGH');
    expect(links(text)).toEqual([revokeCode]);
  });

  it('says where it was asked for from, until when it holds, and what to do if it was somebody else', () => {
    const { text, html } = render({ ...code, revokeUrl: revokeCode });
    for (const body of [text, html]) {
      expect(body).toContain('192.0.2.7');
      expect(body).toContain('example.com');
      expect(body).toMatch(/until \d\d:\d\d:15 \S+ on 24 November 2026/u);
      expect(body).toContain('If it was not you');
      expect(body).toContain('Newt Register');
      expect(body).toContain('ABCDEFGH');
      expect(body).toContain('revoke/one-time-code?id=abc');
    }
  });

  it('has no link where no portal is configured', () => {
    const { text, html } = render({ ...code, revokeUrl: null });
    expect(links(text)).toEqual([]);
    expect(html).not.toContain('href');
    expect(codeIn(text)).toBe('ABCDEFGH');
  });
});

describe('a mail with a link to a new password', () => {
  it('has the link alone on its line, then the cancel link', () => {
    const { title, text, html } = render({ ...reset, url: resetUrl, revokeUrl: revokeReset });
    expect(title).toBe('Reset your password');
    expect(links(text)).toEqual([resetUrl, revokeReset]);
    expect(text.split('\n')).toContain(resetUrl);
    expect(codeIn(text)).toBeUndefined();
    expect(html).toContain(`href="${resetUrl}"`);
    expect(html).toContain(`href="${revokeReset}"`);
  });

  it('carries the token as text where no portal is configured', () => {
    const { text, html } = render({ ...reset, url: null, revokeUrl: null });
    expect(text.split('\n')).toContain('eyJ.a.b');
    expect(links(text)).toEqual([]);
    expect(html).toContain('eyJ.a.b');
    expect(html).not.toContain('href');
  });
});

describe('a mail about something that was done', () => {
  it.each([
    ['totp_added', 'Second Factor Method Added'],
    ['totp_removed', 'Second Factor Method Removed'],
    ['password_changed', 'Password changed successfully'],
    ['password_reset', 'Password changed successfully'],
    ['recovery_codes_made', 'New recovery codes'],
    ['recovery_code_used', 'A recovery code was used'],
  ] as const)('%s is titled %s and says who, where and when', (event, title) => {
    const letter = render({ kind: 'event', to, event, remoteIp: '192.0.2.7', atMs: expiresAtMs });
    expect(letter.title).toBe(title);
    for (const body of [letter.text, letter.html]) {
      expect(body).toContain('192.0.2.7');
      expect(body).toContain('24 November 2026');
      expect(body).toContain('If it was not you');
    }
    expect(links(letter.text)).toEqual([]);
    expect(codeIn(letter.text)).toBeUndefined();
  });
});

describe('a mail about a new device', () => {
  const device = { kind: 'new_device', to, device: 'Firefox on Linux', remoteIp: '192.0.2.7', domain: 'example.com', atMs: expiresAtMs } as const;
  const disownUrl = 'https://auth.example.com/revoke/session?token=abc';

  it('says which, where and when, and has one link, alone on its line, to end that session', () => {
    const { title, text, html } = render({ ...device, disownUrl });
    expect(title).toBe('New sign-in to your account');
    expect(text.split('\n')).toContain(disownUrl);
    expect(links(text)).toEqual([disownUrl]);
    expect(html).toContain(`href="${disownUrl}"`);
    for (const body of [text, html]) {
      for (const said of ['Firefox on Linux', '192.0.2.7', 'example.com', 'If it was not you']) expect(body).toContain(said);
      expect(body).toMatch(/\d\d:\d\d:15 \S+ on 24 November 2026/u);
    }
    expect(codeIn(text)).toBeUndefined();
  });

  it('says what to do without a link where no portal is configured', () => {
    const { text, html } = render({ ...device, disownUrl: null });
    expect(links(text)).toEqual([]);
    expect(html).not.toContain('href');
    for (const body of [text, html]) expect(body).toContain('end that session in the settings');
  });
});

describe('a name that tries to write the mail itself', () => {
  const hostile = { ...code, to: { name: 'A\r\n\nZZZZZZZZ\n<b>x</b>\u202E', address: 'a@example.com' }, revokeUrl: null };

  it('stays one line of text, without a code of its own', () => {
    const { text, to: recipient } = render(hostile);
    expect(text.split('\n')[0]).toBe('Hello A ZZZZZZZZ <b>x</b>,');
    expect(codeIn(text)).toBe('ABCDEFGH');
    expect(recipient.name).toBe('A ZZZZZZZZ <b>x</b>');
  });

  it('is no markup in the page', () => {
    expect(render(hostile).html).toContain('Hello A ZZZZZZZZ &lt;b&gt;x&lt;/b&gt;,');
  });
});
