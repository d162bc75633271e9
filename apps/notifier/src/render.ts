import { type Notice, noticeTitle } from '@portcullis/contracts-notifier';
import { escapeHtml } from './escape-html.js';
import { type Message } from './transport.js';

/** A part of a notice: a paragraph, a code that stands alone, or an address to open. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'link'; readonly label: string; readonly url: string };

const EVENTS = {
  totp_added: 'An authenticator app was added to your account as a second factor.',
  totp_removed: 'The authenticator app of your account was removed. It is no second factor any more.',
  password_changed: 'The password of your account was changed. Every other session of it has ended.',
  password_reset: 'The password of your account was set anew by a mailed link. Every session of it has ended.',
} as const;

const text = (line: string): Block => ({ kind: 'text', text: line });
const link = (label: string, url: string | null): readonly Block[] => (url === null ? [] : [{ kind: 'link', label, url }]);
const until = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const from = (ip: string): string => `It was asked for from the address ${ip}.`;

/** What a notice says, in order: plain, where it came from, until when it holds, and what to do if it was somebody else. */
export function blocksOf(notice: Notice): readonly Block[] {
  switch (notice.kind) {
    case 'one_time_code':
      return [
        text(`Somebody signed in to ${notice.domain} as you and wants to change how you sign in. If that is you, enter this code:`),
        { kind: 'code', code: notice.code },
        text(`It works once, until ${until(notice.expiresAtMs)}. ${from(notice.remoteIp)}`),
        text('If it was not you, somebody knows your password: change it now, and cancel the code.'),
        ...link('Cancel the code', notice.revokeUrl),
      ];
    case 'password_reset':
      return [
        text(`Somebody wants to set a new password for your account at ${notice.domain}. If that is you:`),
        ...(notice.url === null
          ? [text('enter this token on the page "Set a new password" of the portal:'), { kind: 'code' as const, code: notice.token }]
          : link('Set a new password', notice.url)),
        text(`It works once, until ${until(notice.expiresAtMs)}. ${from(notice.remoteIp)}`),
        text('If it was not you, nothing has happened. You can cancel it:'),
        ...link('Cancel the request', notice.revokeUrl),
      ];
    case 'event':
      return [
        text(EVENTS[notice.event]),
        text(`It was done from the address ${notice.remoteIp} at ${until(notice.atMs)}.`),
        text('If it was not you, tell the administrator at once.'),
      ];
  }
}

/** The built-in rendering of a notice. */
export function render(id: string, notice: Notice): Message {
  const title = noticeTitle(notice);
  const blocks = blocksOf(notice);
  return { id, to: notice.to, title, text: asText(notice.to.name, blocks), html: asHtml(title, notice.to.name, blocks) };
}

const RULE = '-'.repeat(60);

function asText(name: string, blocks: readonly Block[]): string {
  const paragraphs = blocks.map((block) => {
    switch (block.kind) {
      case 'text':
        return block.text;
      case 'code':
        return `${RULE}\n${block.code}\n${RULE}`;
      case 'link':
        return `${block.label}:\n${block.url}`;
    }
  });
  return `${[`Hello ${name},`, ...paragraphs, 'Portcullis'].join('\n\n')}\n`;
}

const BUTTON = 'display:inline-block;padding:10px 18px;border-radius:8px;background:#2b59c3;color:#ffffff;text-decoration:none';
const CODE = 'font:600 24px/1.4 ui-monospace,monospace;letter-spacing:3px;padding:12px 0';

function asHtml(title: string, name: string, blocks: readonly Block[]): string {
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case 'text':
        return `<p>${escapeHtml(block.text)}</p>`;
      case 'code':
        return `<p style="${CODE}">${escapeHtml(block.code)}</p>`;
      case 'link':
        return `<p><a href="${escapeHtml(block.url)}" style="${BUTTON}">${escapeHtml(block.label)}</a></p>`;
    }
  });
  const body = `<h1 style="font-size:20px">${escapeHtml(title)}</h1><p>Hello ${escapeHtml(name)},</p>${parts.join('')}<p style="color:#5b6478">Portcullis</p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body style="font:16px/1.5 system-ui,sans-serif;color:#1d2433;max-width:32em;margin:2em auto;padding:0 1em">${body}</body></html>`;
}
