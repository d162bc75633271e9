import { z } from 'zod';
import { cookieDomainProblem } from './cookie-domain.js';
import { portalUrl, redirectionUrl } from './portal-url.js';
import { DAY_MS, durationMs, HOUR_MS, MINUTE_MS, oneOf, positive, text, texts } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { CookieConfiguration, SessionConfiguration } from './values.js';

const settings = {
  name: text,
  same_site: oneOf('none', 'lax', 'strict'),
  expiration: durationMs,
  inactivity: durationMs,
  remember_me: durationMs,
};
const cookie = z.object({ ...settings, domain: text, authelia_url: text, default_redirection_url: text });
const session = z.object({
  ...settings,
  secret: texts,
  domain: text,
  cookies: z.array(cookie).optional(),
  redis: z.unknown().optional(),
  redis_outage: oneOf('refuse', 'serve_cached'),
});
type RawSession = z.output<typeof session>;
type RawCookie = z.output<typeof cookie>;

const schema = z.object({ session: session.optional(), default_redirection_url: text, rpc: z.object({ secret: texts }).optional() });

/** `remember_me: -1`, read as seconds. */
const NOT_REMEMBERED_MS = -1000;
const SHORT_SECRET = 20;

/** `session` without `session.redis`; the old single `session.domain` becomes one cookie domain (reference 3.2). */
export const sessionSection: Section<SessionConfiguration> = defineSection(schema, (raw, report) => readSession(raw, report, true));

/** The same for a service that opens no session itself: where `rpc.secret` is set nobody hands it `session.secret`. */
export const sessionFactsSection: Section<SessionConfiguration> = defineSection(schema, (raw, report) =>
  readSession(raw, report, (raw.rpc?.secret ?? []).length === 0),
);

function readSession(raw: z.output<typeof schema>, report: Report, needsSecret: boolean): SessionConfiguration {
  const current = raw.session ?? {};
  const cookies = current.cookies ?? [];
  if (current.domain !== undefined && cookies.length > 0) {
    report.error('session.domain', 'session.domain cannot stand beside session.cookies, which says the same', 'remove session.domain');
  }
  if (raw.default_redirection_url !== undefined && cookies.length > 0) {
    const fix = 'write it as session.cookies[].default_redirection_url';
    report.error(
      'default_redirection_url',
      'default_redirection_url cannot stand beside session.cookies: it is not clear to which domain it belongs',
      fix,
    );
  }
  const read =
    cookies.length > 0
      ? cookies.map((each, index) => readCookie(each, current, `session.cookies[${index}]`, report))
      : legacyCookies(current, raw.default_redirection_url, report);
  checkOverlaps(read, report);
  return { secrets: readSecrets(current, report, needsSecret), cookies: read, redisOutage: current.redis_outage ?? 'refuse' };
}

function readSecrets(raw: RawSession, report: Report, isNeeded: boolean): readonly string[] {
  const secrets = (raw.secret ?? []).filter((secret) => secret !== '');
  secrets.forEach((secret, index) => {
    const path = secrets.length === 1 ? 'session.secret' : `session.secret[${index}]`;
    report.secret(path, secret);
    if (secret.length < SHORT_SECRET)
      report.warning(path, `${path} is short: at least ${SHORT_SECRET} random characters are wanted`, report.freshSecret('session.secret'));
  });
  if (isNeeded && secrets.length === 0 && raw.redis !== undefined) {
    report.error('session.secret', 'session.secret is required with session.redis', report.freshSecret('session.secret'));
  }
  return secrets;
}

function readCookie(raw: RawCookie, session: RawSession, path: string, report: Report): CookieConfiguration {
  const domain = readDomain(raw.domain ?? '', `${path}.domain`, report);
  const autheliaUrl = portalUrl(raw.authelia_url, domain, `${path}.authelia_url`, report);
  const defaultRedirectionUrl = redirectionUrl(raw.default_redirection_url, domain, autheliaUrl, `${path}.default_redirection_url`, report);
  const own = raw.name === undefined ? 'session.name' : `${path}.name`;
  return { domain, autheliaUrl, defaultRedirectionUrl, ...readSettings({ ...session, ...raw }, own, report) };
}

function legacyCookies(raw: RawSession, redirection: string | undefined, report: Report): readonly CookieConfiguration[] {
  if (raw.domain === undefined) {
    report.error(
      'session.cookies',
      'session.cookies is required',
      'write for instance:\nsession:\n  cookies:\n    - domain: example.com\n      authelia_url: https://auth.example.com',
    );
    return [];
  }
  const domain = readDomain(raw.domain, 'session.domain', report);
  const lines = `session:\n  cookies:\n    - domain: ${domain}\n      authelia_url: https://auth.${domain}`;
  report.warning(
    'session.domain',
    'session.domain is an old name since 4.38, without the address of the portal: /api/verify works with its `rd`, but /api/authz/* needs `authelia_url` in each request, and mails carry no link',
    `write instead, with the address of your portal:\n${lines}`,
  );
  return [
    {
      domain,
      autheliaUrl: null,
      defaultRedirectionUrl: legacyRedirection(redirection, domain, report),
      ...readSettings(raw, 'session.name', report),
    },
  ];
}

function legacyRedirection(url: string | undefined, domain: string, report: Report): string | null {
  if (url === undefined || url === '') return null;
  const findings: string[] = [];
  const read = redirectionUrl(url, domain, null, 'default_redirection_url', { error: (_, message) => findings.push(message) });
  if (findings.length === 0) return read;
  report.warning('default_redirection_url', `${findings.join('; ')}: it is not used`, `write an https address on ${domain}`);
  return null;
}

/** '' where an error was reported: addresses are then not compared with it. */
function readDomain(value: string, path: string, report: Report): string {
  const problem = cookieDomainProblem(value);
  if (problem !== undefined) report.error(path, `${path} ${problem.message}`, problem.fix);
  return problem === undefined ? value.toLowerCase() : '';
}

function readSettings(
  raw: RawSession,
  namePath: string,
  report: Report,
): Omit<CookieConfiguration, 'domain' | 'autheliaUrl' | 'defaultRedirectionUrl'> {
  const name = raw.name === undefined || raw.name === '' ? 'authelia_session' : raw.name;
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u.test(name)) report.error(namePath, `'${name}' is no name of a cookie`, 'use letters, digits and _');
  if (/^__Host-/iu.test(name))
    report.error(namePath, 'browsers refuse a cookie whose name begins with __Host- on a whole domain', 'choose another name');
  return {
    name,
    sameSite: raw.same_site ?? 'lax',
    expirationMs: positive(raw.expiration, HOUR_MS),
    inactivityMs: positive(raw.inactivity, 5 * MINUTE_MS),
    rememberMeMs: raw.remember_me === NOT_REMEMBERED_MS ? null : positive(raw.remember_me, 30 * DAY_MS),
  };
}

/** No domain twice, and none inside another: a browser would send both cookies. */
function checkOverlaps(cookies: readonly CookieConfiguration[], report: Report): void {
  cookies.forEach(({ domain }, index) => {
    const path = `session.cookies[${index}].domain`;
    const others = cookies.slice(0, index).map((other) => other.domain);
    if (domain === '') return;
    if (others.includes(domain)) report.error(path, `the cookie domain ${domain} is there twice`, 'remove one');
    const around = others.find((other) => domain.endsWith(`.${other}`) || other.endsWith(`.${domain}`));
    if (around !== undefined) report.error(path, `the cookie domains ${domain} and ${around} lie one inside the other`, 'keep the outer one alone');
  });
}
