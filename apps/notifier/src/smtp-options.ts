import type { SmtpConfiguration } from '@portcullis/contracts-configuration';
import { isIP } from 'node:net';

/** A server may take its time over a mail it is given; to give up early is to send it twice. @see RFC 5321 section 4.5.3.2 */
const PATIENCE_MS = 60_000;

/** What nodemailer is told of the server; who we are (authentication) is not in it. */
export function connectionOptions({ host, port, implicitTls, startTls, tls, timeoutMs, identifier }: SmtpConfiguration) {
  const { serverName, skipVerify, ...rest } = tls;
  return {
    host,
    port,
    name: identifier,
    secure: implicitTls,
    requireTLS: !implicitTls && startTls === 'required',
    ignoreTLS: startTls === 'never',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    socketTimeout: Math.max(timeoutMs, PATIENCE_MS),
    tls: {
      rejectUnauthorized: !skipVerify,
      // An address is no server name (RFC 6066 section 3).
      ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    },
  };
}

/** `a@b` of `Name <a@b>` or `a@b`. */
export const addressOf = (mailbox: string): string => /<([^<>]*)>\s*$/u.exec(mailbox)?.[1] ?? mailbox.trim();
