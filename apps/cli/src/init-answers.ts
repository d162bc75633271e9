import { cookieDomainProblem } from '@portcullis/contracts-configuration';
import { askPassword } from './ask-password.js';
import { misused } from './failure.js';
import type { Asker } from './init-asker.js';
import { PROXIES, type ProxyName, shippedProxies } from './init-proxy.js';
import { randomText } from './random-text.js';

/** The flags of `portcullis init`, as commander hands them over. */
export interface InitOptions {
  readonly domain?: string;
  readonly portal?: string;
  readonly proxy?: string;
  readonly site?: string;
  readonly backend?: string;
  readonly policy?: string;
  readonly address?: string;
  readonly certificate?: string;
  readonly certificateKey?: string;
  readonly user?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly password?: string;
  readonly random?: boolean;
  readonly smtp?: string;
  readonly smtpUsername?: string;
  readonly smtpPassword?: string;
  readonly smtpSender?: string;
  readonly yes?: boolean;
}

export interface Smtp {
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly sender: string;
}

/** All that the files are made of. */
export interface Answers {
  readonly domain: string;
  /** Hosts. */
  readonly portal: string;
  readonly site: string;
  /** `http://127.0.0.1:8080` of the first application. */
  readonly backend: string;
  readonly policy: string;
  /** `host:port` on which the gate listens. */
  readonly gate: string;
  /** null: no proxy file is wanted. */
  readonly proxy: ProxyName | null;
  readonly certificate: string;
  readonly certificateKey: string;
  readonly person: { readonly name: string; readonly displayName: string; readonly email: string };
  readonly password: string;
  /** Nobody typed it: it is told once. */
  readonly passwordMade: boolean;
  /** null: into a file. */
  readonly smtp: Smtp | null;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u;
const MAILBOX = /^[^\s@<>]+@[^\s@<>]+$/u;
export const POLICIES = ['two_factor', 'one_factor'];

/** Asks for everything that no flag has said, in the order in which people think of it. */
export async function answer(ask: Asker, options: InitOptions): Promise<Answers> {
  const domain = await ask.text({
    flag: 'domain',
    given: options.domain,
    message: 'Your domain (sites and portal lie below it)',
    problem: (text) => {
      const found = cookieDomainProblem(text);
      return found === undefined ? null : `The domain ${found.message}; ${found.fix}.`;
    },
  });
  const below = hostBelow(domain.toLowerCase());
  const portal = await ask.text({ flag: 'portal', given: options.portal, message: "The portal's host", fallback: `auth.${domain}`, problem: below });
  const site = await ask.text({
    flag: 'site',
    given: options.site,
    message: 'The host of a first site to protect',
    fallback: `app.${domain}`,
    problem: (text) => (text === portal ? 'That is the portal itself, which is never protected.' : below(text)),
  });
  const proxy = await proxyOf(ask, options);
  return {
    domain: domain.toLowerCase(),
    portal,
    site,
    policy: await ask.choice({
      flag: 'policy',
      given: options.policy,
      message: 'What every site below the domain asks for',
      choices: POLICIES,
      fallback: 'two_factor',
    }),
    proxy,
    ...(await behindProxy(ask, options, proxy, domain)),
    gate: await ask.text({
      flag: 'address',
      given: options.address,
      message: 'Where the gate listens',
      fallback: '127.0.0.1:9091',
      problem: (text) => (/^[\w.:[\]-]+:\d{1,5}$/u.test(text) ? null : 'Write host and port, as 127.0.0.1:9091.'),
    }),
    ...(await somebody(ask, options, domain)),
    smtp: await mail(ask, options, domain),
  };
}

const hostBelow =
  (domain: string) =>
  (text: string): string | null =>
    HOST.test(text) && text.endsWith(`.${domain}`) ? null : `Write a host below ${domain} in lower case, as app.${domain}.`;

async function proxyOf(ask: Asker, options: InitOptions): Promise<ProxyName | null> {
  const shipped = shippedProxies();
  const chosen = await ask.choice({
    flag: 'proxy',
    given: options.proxy,
    message: 'The proxy in front',
    choices: [...shipped, 'none'],
    fallback: shipped[0] ?? 'none',
  });
  return shipped.find((name) => name === chosen) ?? null;
}

/** Only what the chosen proxy's file has room for is asked. */
async function behindProxy(ask: Asker, options: InitOptions, proxy: ProxyName | null, domain: string) {
  const backend =
    proxy === null
      ? ''
      : await ask.text({
          flag: 'backend',
          given: options.backend,
          message: 'Where the application of that site listens',
          fallback: 'http://127.0.0.1:8080',
          problem: (text) => (/^http:\/\/[\w.[\]:-]+$/u.test(text) ? null : 'Write an address such as http://127.0.0.1:8080.'),
        });
  const wantsCertificate = proxy !== null && PROXIES[proxy].certificates;
  const file = (flag: 'certificate' | 'certificate-key', given: string | undefined, name: string, message: string): Promise<string> =>
    wantsCertificate ? ask.text({ flag, given, message, fallback: `/etc/letsencrypt/live/${domain}/${name}` }) : Promise.resolve('');
  return {
    backend,
    certificate: await file('certificate', options.certificate, 'fullchain.pem', 'The certificate of the sites (PEM)'),
    certificateKey: await file('certificate-key', options.certificateKey, 'privkey.pem', 'Its key (PEM)'),
  };
}

async function somebody(ask: Asker, options: InitOptions, domain: string) {
  const name = await ask.text({
    flag: 'user',
    given: options.user,
    message: 'Your name for signing in',
    fallback: 'admin',
    problem: (text) => (/^[\w.@-]+$/u.test(text) ? null : 'Use letters, digits and . _ - @ alone.'),
  });
  const displayName = await ask.text({ flag: 'display-name', given: options.displayName, message: 'Your name as people say it', fallback: name });
  const email = await ask.text({
    flag: 'email',
    given: options.email,
    message: 'Your mail address',
    fallback: `${name}@${domain}`,
    problem: (text) => (MAILBOX.test(text) ? null : `Write an address such as ${name}@${domain}.`),
  });
  return { person: { name, displayName, email }, ...(await firstPassword(ask, options)) };
}

/** Typed twice without echo, given by a flag, or made. */
async function firstPassword(ask: Asker, options: InitOptions): Promise<{ password: string; passwordMade: boolean }> {
  if (options.password !== undefined) return { password: options.password, passwordMade: false };
  const isMade =
    options.random === true ||
    !ask.interactive ||
    (await ask.choice({ flag: 'random', given: undefined, message: 'Your password', choices: ['type one', 'make one'], fallback: 'type one' })) ===
      'make one';
  if (isMade) return { password: randomText('alphanumeric', undefined, 20), passwordMade: true };
  const typed = await askPassword('Enter Password:');
  if (typed !== (await askPassword('Confirm Password:'))) throw misused('The two passwords differ.');
  return { password: typed, passwordMade: false };
}

async function mail(ask: Asker, options: InitOptions, domain: string): Promise<Smtp | null> {
  const how =
    options.smtp === undefined
      ? await ask.choice({
          flag: 'smtp',
          given: undefined,
          message: 'How codes and links reach people',
          choices: ['a file', 'a mail server'],
          fallback: 'a file',
        })
      : 'a mail server';
  if (how === 'a file') return null;
  const address = await ask.text({
    flag: 'smtp',
    given: options.smtp,
    message: 'The mail server',
    fallback: `submission://mail.${domain}:587`,
    problem: (text) => (/^(?:smtp|submissions?):\/\/[\w.[\]:-]+$/u.test(text) ? null : `Write for instance submission://mail.${domain}:587.`),
  });
  const sender = await ask.text({
    flag: 'smtp-sender',
    given: options.smtpSender,
    message: 'The sender of its mails',
    fallback: `Portcullis <portcullis@${domain}>`,
  });
  const username = await ask.text({
    flag: 'smtp-username',
    given: options.smtpUsername,
    message: 'The name it knows us by (empty: it asks for none)',
    fallback: '',
  });
  const password = username === '' ? '' : (options.smtpPassword ?? (await passwordOfMail(ask)));
  return { address, sender, username, password };
}

function passwordOfMail(ask: Asker): Promise<string> {
  if (!ask.interactive) throw misused('--smtp-username needs --smtp-password.');
  return askPassword('Password at the mail server:');
}
