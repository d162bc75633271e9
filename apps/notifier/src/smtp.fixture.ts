import { once } from 'node:events';
import type { SmtpConfiguration } from '@portcullis/contracts-configuration';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  /** Headers and bodies as they came. */
  readonly source: string;
  /** The whole, with the transfer encodings undone. */
  readonly readable: string;
}

export interface MailServerOptions {
  readonly tls?: 'starttls' | 'implicit' | 'none';
  readonly credentials?: { readonly user: string; readonly password: string };
  /** 0: any. */
  readonly port?: number;
}

/** What the server says to a sender, to a recipient, and to a whole mail: null takes it. */
export interface Manners {
  sender: ((address: string) => Error | null) | null;
  recipient: ((address: string) => Error | null) | null;
  mail: (() => Error | null) | null;
}

export interface MailServer {
  readonly settings: SmtpConfiguration;
  readonly mails: readonly ReceivedMail[];
  /** MAIL FROM and RCPT TO of every session, also those that sent nothing. */
  readonly envelopes: readonly string[];
  /** The names clients gave themselves. */
  readonly greetings: readonly string[];
  readonly manners: Manners;
  close(): Promise<void>;
}

export const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** A real SMTP server on localhost with a certificate nobody knows. */
export async function startMailServer({ tls = 'starttls', credentials, port = 0 }: MailServerOptions = {}): Promise<MailServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' });
  const mails: ReceivedMail[] = [];
  const envelopes: string[] = [];
  const greetings: string[] = [];
  const manners: Manners = { sender: null, recipient: null, mail: null };
  const server = new SMTPServer({
    key,
    cert,
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    authOptional: credentials === undefined,
    allowInsecureAuth: true,
    disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(credentials === undefined ? ['AUTH'] : [])],
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, callback) => {
      if (username === credentials?.user && password === credentials?.password) callback(null, { user: username });
      else callback(new Error('wrong user or password'));
    },
    onMailFrom: ({ address }, session, callback) => {
      greetings.push(session.hostNameAppearsAs);
      envelopes.push(`from ${address}`);
      callback(manners.sender?.(address) ?? null);
    },
    onRcptTo: ({ address }, _session, callback) => {
      envelopes.push(`to ${address}`);
      callback(manners.recipient?.(address) ?? null);
    },
    onData: (stream, session, callback) => {
      void readAll(stream).then((source) => {
        const refused = manners.mail?.() ?? null;
        const { mailFrom, rcptTo } = session.envelope;
        if (refused === null) {
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: typeof session.user === 'string' ? session.user : undefined,
            source,
            readable: decode(source),
          });
        }
        callback(refused);
      });
    },
  });
  server.on('error', () => undefined);
  const listener = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    settings: settingsFor(address.port, tls, credentials),
    mails,
    envelopes,
    greetings,
    manners,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

function settingsFor(port: number, tls: MailServerOptions['tls'], credentials: MailServerOptions['credentials']): SmtpConfiguration {
  return {
    kind: 'smtp',
    host: '127.0.0.1',
    port,
    implicitTls: tls === 'implicit',
    startTls: tls === 'none' ? 'never' : 'required',
    tls: { serverName: 'localhost', skipVerify: true, minVersion: 'TLSv1.2' },
    timeoutMs: 3000,
    username: credentials?.user ?? null,
    password: credentials?.password ?? null,
    sender: 'Portcullis <portcullis@example.com>',
    identifier: 'gate.example.com',
    subject: '[Authelia] {title}',
    startupCheckAddress: 'Test <test@example.org>',
    htmlDisabled: false,
  };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let source = '';
  stream.setEncoding('latin1');
  for await (const text of stream) source += String(text);
  return source;
}

/** Quoted-printable is all that a mail of ours is encoded in. @see RFC 2045 section 6.7 */
function decode(source: string): string {
  const bytes = source.replaceAll(/=\r?\n/gu, '').replaceAll(/=([0-9A-F]{2})/gu, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
