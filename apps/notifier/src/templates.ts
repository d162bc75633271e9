import { type Notice } from '@portcullis/contracts-notifier';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from './escape-html.js';
import { render } from './render.js';
import { type Message } from './transport.js';

const FILES = { one_time_code: 'IdentityVerificationOTC', password_reset: 'IdentityVerificationJWT', event: 'Event' } as const;

/** Makes a message of a notice. */
export type Render = (id: string, notice: Notice) => Message;

/**
 * `notifier.template_path`: files of Authelia's names (`Event.txt`, `IdentityVerificationOTC.html`, …) in place of the built-in texts. Their
 * fields (`{{ .Title }}`, reference 5.3) are filled in; a file with any other template action is refused by name at the start.
 */
export function createRender(directory: string | null): Render {
  if (directory === null) return render;
  const templates = new Map(
    Object.values(FILES).flatMap((name) => ['txt', 'html'].map((kind) => [`${name}.${kind}`, readTemplate(directory, `${name}.${kind}`)] as const)),
  );
  return (id, notice) => {
    const message = render(id, notice);
    const fields = fieldsOf(notice, message.title);
    const filled = (kind: 'txt' | 'html', escape: (text: string) => string): string | null => {
      const template = templates.get(`${FILES[notice.kind]}.${kind}`) ?? null;
      return template?.replaceAll(FIELD, (_, name: string) => escape(fields[name] ?? '')) ?? null;
    };
    return { ...message, text: filled('txt', (text) => text) ?? message.text, html: filled('html', escapeHtml) ?? message.html };
  };
}

const FIELD = /\{\{-?\s*\.([A-Za-z]+)\s*-?\}\}/g;

function readTemplate(directory: string, file: string): string | null {
  const path = join(directory, file);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const other = /\{\{.*?\}\}/s.exec(text.replaceAll(FIELD, ''))?.[0];
  if (other !== undefined)
    throw new Error(`${path}: the template action ${other} is not there yet; fields such as {{ .Title }} are. Write it without, or remove the file`);
  return text;
}

function fieldsOf(notice: Notice, title: string): Readonly<Record<string, string>> {
  const common = { Title: title, DisplayName: notice.to.name, RemoteIP: notice.remoteIp };
  switch (notice.kind) {
    case 'one_time_code':
      return {
        ...common,
        Domain: notice.domain,
        OneTimeCode: notice.code,
        RevocationLinkURL: notice.revokeUrl ?? '',
        RevocationLinkText: 'Cancel the code',
      };
    case 'password_reset':
      return {
        ...common,
        Domain: notice.domain,
        LinkURL: notice.url ?? notice.token,
        LinkText: 'Set a new password',
        RevocationLinkURL: notice.revokeUrl ?? '',
        RevocationLinkText: 'Cancel the request',
      };
    case 'event':
      return { ...common, BodyPrefix: '', BodyEvent: title, BodySuffix: '' };
  }
}
