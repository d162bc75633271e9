import type { Notice } from '@portcullis/contracts-notifier';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { renderNotice } from './render-notice.js';
import { TemplateError } from '@portcullis/platform-template';
import { compileMail, type Template } from './mail-template.js';
import { htmlTemplates } from './templates-html.js';
import { textTemplates } from './templates-text.js';

const sources: Readonly<Record<TemplateName, string>> = { ...textTemplates, ...htmlTemplates };
type TemplateName = keyof typeof textTemplates | keyof typeof htmlTemplates;
export type Templates = Readonly<Record<TemplateName, Template>>;

/**
 * The templates, each in its place the file of the same name in `directory` (`notifier.template_path`). All are tried, so that a misspelt field is
 * found before a mail needs it. Throws TemplateError, which names the file.
 */
export function loadTemplates(directory: string | null): Templates {
  if (directory !== null && statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TemplateError(`notifier.template_path ${directory} is not a directory`);
  }
  const names = Object.keys(sources) as TemplateName[];
  const templates = Object.fromEntries(names.map((name) => [name, load(name, directory)])) as Templates;
  for (const notice of SAMPLES) renderNotice(notice, templates);
  return templates;
}

function load(name: TemplateName, directory: string | null): Template {
  const path = directory === null ? name : join(directory, name);
  const naming = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof TemplateError)) throw cause;
      throw new TemplateError(`${path}: ${cause.message}`, { cause });
    }
  };
  const own = directory === null ? null : naming(() => readIfThere(path));
  const template = naming(() => compileMail(own ?? sources[name], name.endsWith('.html') ? 'html' : 'none'));
  return (data) => naming(() => template(data));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new TemplateError(`it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const sample = { to: { name: 'Alice', address: 'alice@example.com' }, remoteIp: '192.0.2.1', domain: 'example.com', expiresAtMs: 0 };
const revokeUrl = 'https://auth.example.com/revoke';
const SAMPLES: readonly Notice[] = [
  { ...sample, kind: 'one_time_code', code: 'ABCDEFGH', revokeUrl },
  { ...sample, kind: 'one_time_code', code: 'ABCDEFGH', revokeUrl: null },
  { ...sample, kind: 'password_reset', token: 'token', url: 'https://auth.example.com/reset', revokeUrl },
  { ...sample, kind: 'password_reset', token: 'token', url: null, revokeUrl: null },
  { ...sample, kind: 'new_device', device: 'Firefox on Linux', disownUrl: 'https://auth.example.com/revoke/session?token=token', atMs: 0 },
  { ...sample, kind: 'new_device', device: 'curl', disownUrl: null, atMs: 0 },
  { to: sample.to, kind: 'event', event: 'totp_added', remoteIp: sample.remoteIp, atMs: 0 },
];
