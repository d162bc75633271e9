import type { SmtpConfiguration } from '@portcullis/contracts-configuration';
import SMTPConnection, { type SMTPConnectionAuth } from 'nodemailer/lib/smtp-connection';
import { once } from 'node:events';
import { addressOf, connectionOptions } from './smtp-options.js';

const ENVELOPE = 'PORTCULLIS-ENVELOPE';

interface Session {
  readonly sendCommand: (command: string) => Promise<{ readonly response: string }>;
}

/** Talks to the server up to the recipient, then takes it back: nothing is sent. Rejects with what the server did not like, and the setting it is about. */
export async function checkSmtp(settings: SmtpConfiguration): Promise<void> {
  const envelope = { from: addressOf(settings.sender), to: addressOf(settings.startupCheckAddress) };
  // A custom authentication is the one way nodemailer has to say commands of one's own.
  const customAuth = { [ENVELOPE]: (session: Session) => offer(session, envelope) };
  const options = connectionOptions(settings);
  const connection = new SMTPConnection({ ...options, socketTimeout: settings.timeoutMs, customAuth });
  const failed = once(connection, 'error').then(([error]: unknown[]) => {
    throw error;
  });
  try {
    await Promise.race([failed, converse(connection, settings)]);
  } finally {
    failed.catch(() => undefined);
    connection.close();
  }
}

async function converse(connection: SMTPConnection, { username, password }: SmtpConfiguration): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => {
      if (error == null) resolve();
      else reject(error);
    });
  });
  const login = (auth: SMTPConnectionAuth): Promise<void> =>
    new Promise((resolve, reject) => {
      connection.login(auth, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  if (username !== null) await login({ user: username, pass: password ?? '' });
  await login({ method: ENVELOPE });
}

async function offer({ sendCommand }: Session, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const steps = [
    [`MAIL FROM:<${from}>`, 'notifier.smtp.sender is refused: '],
    [`RCPT TO:<${to}>`, 'notifier.smtp.startup_check_address is refused: '],
    ['RSET', ''],
  ] as const;
  for (const [command, problem] of steps) {
    const { response } = await sendCommand(command);
    // What the server said is put after this by nodemailer.
    if (!response.startsWith('2')) throw new Error(problem + command);
  }
}
