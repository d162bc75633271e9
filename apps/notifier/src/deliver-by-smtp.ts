import type { SmtpConfiguration } from '@portcullis/contracts-configuration';
import { createTransport } from 'nodemailer';
import type { Delivery } from './delivery.js';
import { addressOf, connectionOptions } from './smtp-options.js';
import { checkSmtp } from './smtp-startup-check.js';

const AT_ONCE = 4;

/** `notifier.smtp` (reference 5.3). Rejects with what the server said. */
export function createSmtpDelivery(settings: SmtpConfiguration): Delivery {
  const { username, password, sender, subject, htmlDisabled } = settings;
  const transport = createTransport({
    ...connectionOptions(settings),
    ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const host = addressOf(sender).split('@').at(-1) ?? 'localhost';
  return {
    atOnce: AT_ONCE,
    check: () => checkSmtp(settings),
    deliver: async (id, { to, title, text, html }) => {
      await transport.sendMail({
        from: sender,
        to,
        subject: subject.replaceAll('{title}', title),
        // The same at each attempt: where a mail comes twice after all, programs show it once.
        messageId: `<${id}@${host}>`,
        // No answer from somebody's holiday (RFC 3834 section 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        text,
        ...(htmlDisabled ? {} : { html }),
      });
    },
  };
}
