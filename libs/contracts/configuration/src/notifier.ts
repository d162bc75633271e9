import { z } from 'zod';
import { address, durationMs, flag, positive, SECOND_MS, text, tls, type RawAddress } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import { readTls } from './tls.js';
import type { NotifierConfiguration, SmtpConfiguration } from './values.js';

const smtp = z.object({
  address,
  timeout: durationMs,
  username: text,
  password: text,
  sender: text,
  identifier: text,
  subject: text,
  startup_check_address: text,
  disable_require_tls: flag,
  disable_starttls: flag,
  disable_html_emails: flag,
  tls,
});
type RawSmtp = z.output<typeof smtp>;

const schema = z.object({
  notifier: z
    .object({
      disable_startup_check: flag,
      template_path: text,
      filesystem: z.object({ filename: text, append: flag }).optional(),
      smtp: smtp.optional(),
    })
    .optional(),
});

/** `notifier`: how people get codes and links. `notifier.filesystem.append` is ours. */
export const notifierSection: Section<NotifierConfiguration> = defineSection(schema, ({ notifier = {} }, report) => {
  const common = { startupCheckDisabled: notifier.disable_startup_check ?? false, templateDirectory: notifier.template_path ?? null };
  const { filesystem } = notifier;
  if (filesystem !== undefined && notifier.smtp !== undefined)
    report.error('notifier', 'notifier.filesystem and notifier.smtp cannot stand together', 'keep one of them');
  if (notifier.smtp !== undefined) return { ...common, transport: readSmtp(notifier.smtp, report) };
  if (filesystem === undefined) {
    report.error(
      'notifier',
      'notifier is required: codes and links must reach people',
      'add one of:\nnotifier:\n  filesystem:\n    filename: /config/notification.txt\nor notifier.smtp with address and sender',
    );
    return undefined;
  }
  const path = filesystem.filename ?? '';
  if (path === '')
    report.error(
      'notifier.filesystem.filename',
      'notifier.filesystem.filename is required',
      'write the path of a file, for instance /config/notification.txt',
    );
  return { ...common, transport: { kind: 'filesystem', path, append: filesystem.append ?? false } };
});

const DEFAULT_PORTS = { smtp: 25, submission: 587, submissions: 465 } as const;
type Scheme = keyof typeof DEFAULT_PORTS;

function readSmtp(raw: RawSmtp, report: Report): SmtpConfiguration {
  const scheme = schemeOf(raw.address, report);
  const host = raw.address?.host ?? '';
  if (raw.address === undefined)
    report.error('notifier.smtp.address', 'notifier.smtp.address is required', 'write submission://mail.example.com:587');
  else if (host === '') report.error('notifier.smtp.address', 'notifier.smtp.address names no server', 'write submission://mail.example.com:587');
  checkSender(raw.sender, report);
  if ((raw.username ?? '') === '' && (raw.password ?? '') !== '')
    report.warning('notifier.smtp.password', 'notifier.smtp.password has no effect without a username', 'set notifier.smtp.username');
  report.sharedPassword('notifier.smtp.password', raw.password, 'the mail account');
  if (raw.disable_starttls === true)
    report.warning(
      'notifier.smtp.disable_starttls',
      'notifier.smtp.disable_starttls: codes and links are sent in the clear',
      'remove it if the server offers STARTTLS',
    );
  return {
    kind: 'smtp',
    host,
    port: raw.address?.port ?? DEFAULT_PORTS[scheme],
    implicitTls: scheme === 'submissions',
    startTls: raw.disable_starttls === true ? 'never' : raw.disable_require_tls === true ? 'opportunistic' : 'required',
    tls: readTls({ server_name: host, ...raw.tls }, 'notifier.smtp.tls', report),
    timeoutMs: positive(raw.timeout, 5 * SECOND_MS),
    username: raw.username ?? null,
    password: raw.password ?? null,
    sender: raw.sender ?? '',
    identifier: raw.identifier ?? 'localhost',
    subject: raw.subject ?? '[Authelia] {title}',
    startupCheckAddress: raw.startup_check_address ?? 'Authelia Test <test@authelia.com>',
    htmlDisabled: raw.disable_html_emails ?? false,
  };
}

function schemeOf(address: RawAddress | undefined, report: Report): Scheme {
  const scheme = address?.scheme ?? null;
  if (scheme === 'smtp' || scheme === 'submission' || scheme === 'submissions') return scheme;
  if (scheme !== null)
    report.error(
      'notifier.smtp.address',
      `the scheme of notifier.smtp.address is ${scheme}, not one of smtp, submission, submissions`,
      'write submission://mail.example.com:587',
    );
  return address?.port === 465 ? 'submissions' : address?.port === 587 ? 'submission' : 'smtp';
}

function checkSender(sender: string | undefined, report: Report): void {
  if (sender !== undefined && /^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/u.test(sender)) return;
  const message = sender === undefined || sender === '' ? 'notifier.smtp.sender is required' : `notifier.smtp.sender '${sender}' is no mail address`;
  report.error('notifier.smtp.sender', message, 'write an address such as Portcullis <portcullis@example.com>');
}
