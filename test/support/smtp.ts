import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { certificates } from './certificates.js';
import { atEnd } from './lifetime.js';
import { type Mail, parseMail } from './parse-mail.js';
import { until, type UntilOptions } from './until.js';

export interface ReceivedMail extends Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Over TLS? As whom? */
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly source: string;
}

export interface SmtpOptions {
  /** `starttls` (default), `implicit` TLS, or `none`. */
  readonly tls?: 'starttls' | 'implicit' | 'none';
  /** When given, mail is taken only after authentication. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** What happens to a mail when it is complete: taken, refused with a code (4xx: try again, 5xx: never), or the line goes dead, with the mail taken or not. */
export type Reception = 'take' | { readonly refuse: number } | 'hang up' | 'take and hang up';

export interface RunningSmtp {
  readonly host: 'localhost';
  readonly port: number;
  /** PEM, and its file, of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly caFile: string;
  readonly messages: readonly ReceivedMail[];
  /** For every mail from now on. */
  receive(reception: Reception): void;
  /** The first mail, received or to come, that fits. */
  mail(fits: (mail: ReceivedMail) => boolean, options?: UntilOptions): Promise<ReceivedMail>;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let source = '';
  stream.setEncoding('latin1');
  for await (const text of stream) source += String(text);
  return source;
}

/** A real SMTP server on localhost that keeps what it is sent. */
export async function startSmtp({ tls = 'starttls', credentials }: SmtpOptions = {}): Promise<RunningSmtp> {
  const { cert, key, ca, caFile } = await certificates(['localhost', '127.0.0.1']);
  const messages: ReceivedMail[] = [];
  let reception: Reception = 'take';
  const server = new SMTPServer({
    cert,
    key,
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    authOptional: credentials === undefined,
    allowInsecureAuth: tls === 'none',
    disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(credentials === undefined ? ['AUTH'] : [])],
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, callback) => {
      const right = username === credentials?.user && password === credentials?.password;
      callback(right ? null : new Error('wrong user or password'), right ? { user: username } : {});
    },
    onData: (stream, session, callback) => {
      // One whose line goes dead while it is being sent was never received.
      void readAll(stream).then(
        (source) => {
          const { mailFrom, rcptTo } = session.envelope;
          if (reception === 'take' || reception === 'take and hang up') {
            messages.push({
              ...parseMail(source),
              from: mailFrom === false ? '' : mailFrom.address,
              to: rcptTo.map(({ address }) => address),
              secure: session.secure,
              user: typeof session.user === 'string' ? session.user : undefined,
              source,
            });
          }
          if (reception === 'take') callback(null);
          else if (typeof reception === 'object') callback(Object.assign(new Error('not now'), { responseCode: reception.refuse }));
          else for (const connection of server.connections) connection.close();
        },
        () => undefined,
      );
    },
  });
  server.on('error', () => undefined);
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  atEnd({
    end: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  });
  const address = listener.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    host: 'localhost',
    port: address.port,
    ca,
    caFile,
    messages,
    receive: (next) => {
      reception = next;
    },
    mail: (fits, options) => until(() => messages.find(fits), { what: 'a mail', ...options }),
  };
}
