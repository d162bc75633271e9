import { type SmtpConfiguration } from '@portcullis/contracts-configuration';
import { createTransport, type Transporter } from 'nodemailer';
import { type Message, type Transport } from './transport.js';

/** `notifier.smtp`: TLS unless it is switched off, authentication where a name is given (reference 5.3). */
export function createSmtpTransport(settings: SmtpConfiguration): Transport {
  const mailer: Transporter = createTransport({ ...connectionOf(settings), pool: false });
  return {
    // Greeting, TLS and authentication: what a wrong setting breaks. Nothing is sent.
    check: async () => {
      await mailer.verify();
    },
    deliver: async (message) => {
      await mailer.sendMail(mailOf(message, settings));
    },
    close: () => {
      mailer.close();
    },
  };
}

/** In nodemailer's words. */
function connectionOf({ host, port, implicitTls, startTls, tls, timeoutMs, username, password, identifier }: SmtpConfiguration) {
  return {
    host,
    port,
    secure: implicitTls,
    requireTLS: startTls === 'required',
    ignoreTLS: startTls === 'never',
    name: identifier,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    tls: {
      servername: tls.serverName ?? host,
      rejectUnauthorized: !tls.skipVerify,
      minVersion: tls.minVersion,
      ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    },
    ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
  };
}

function mailOf({ id, to, title, text, html }: Message, { sender, subject, htmlDisabled }: SmtpConfiguration) {
  return {
    from: sender,
    to: { name: to.name, address: to.address },
    subject: subject.replaceAll('{title}', title),
    messageId: `<${id}@portcullis.${domainOf(sender)}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    text,
    ...(htmlDisabled ? {} : { html }),
  };
}

const domainOf = (sender: string): string => /@([\w.-]+)/.exec(sender)?.[1] ?? 'invalid';
