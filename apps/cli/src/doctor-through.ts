import type { ProbeSeen } from '@portcullis/contracts-portal-api';
import { askAt, placeOf, type Reach, textOf } from './doctor-ask.js';
import { about, type Finding, messageOf } from './doctor-finding.js';
import { certificateFinding } from './doctor-portal.js';
import { openProber, type Probed, type Prober } from './doctor-probes.js';
import { TRICKS } from './doctor-tricks.js';

const through = about('through');
const SHIPPED = 'use the files of deploy/ for your proxy as they are (docs/proxies.md)';

/** What a site's proxy lets a client say: tricks are sent through it, and the gate says what reached it. */
export async function checkThrough(files: readonly string[], site: URL, reach: Reach): Promise<readonly Finding[]> {
  const place = await placeOf(site, reach).catch((error: unknown) => error as Error);
  if (place instanceof Error)
    return [
      through.problem(
        `${site.host} is not found (${place.message})`,
        `add a DNS record, or say where it is: --resolve ${site.hostname}:443:127.0.0.1`,
      ),
    ];
  const prober = await openProber(files, site, place, reach);
  if (prober === null) return [through.problem('the gate cannot be heard: its Redis is away', 'start the services: npm start -- --config FILE')];
  try {
    const stranger = await askAt(site, place, site.pathname, [['Accept', 'text/html']], reach);
    const certificate = certificateFinding(site, stranger, reach);
    return [...(certificate === null ? [] : [certificate]), strangerFinding(site, stranger.status), ...(await probe(prober, site))];
  } catch (error) {
    return [
      through.problem(
        `${site.origin} at ${textOf(place)} does not answer (${messageOf(error)})`,
        'look whether the proxy runs there and serves that host',
      ),
    ];
  } finally {
    prober.close();
  }
}

function strangerFinding(site: URL, status: number): Finding {
  if (status === 401 || (status >= 300 && status < 400)) return through.ok(`${site.href}: a stranger is asked to sign in (${status})`);
  if (status === 403) return through.ok(`${site.href}: a stranger is refused (403); where nobody is meant to be let in, that is right`);
  if (status >= 500)
    return through.problem(`${site.href} answers ${status} to a stranger`, "look whether the gate runs, and at the gate's address in the proxy");
  return through.warning(
    `${site.href} is open to everybody (${status})`,
    'where that is not meant: put the gate in front of it, and look for a bypass rule',
  );
}

async function probe(prober: Prober, site: URL): Promise<readonly Finding[]> {
  const plain = await prober.send([]);
  const first = plainFinding(plain, site);
  if (plain.seen === null) return [first];
  const { seen } = plain;
  const findings: Finding[] = [first];
  for (const { title, headers, isAbsolute } of TRICKS)
    findings.push(judge(title, await prober.send(headers(site.hostname), isAbsolute), { site, seen }));
  return findings;
}

/** Nothing was forged here: what is wrong is wrong for everybody. */
function plainFinding({ status, seen, path }: Probed, site: URL): Finding {
  if (seen === null) {
    return through.problem(
      `nothing reached the gate (${site.hostname} answered ${status})`,
      `put the gate in front of ${site.host}, of this installation and this path: ${SHIPPED}`,
    );
  }
  const target = targetOf(seen);
  const where = `${seen.endpoint} was asked by ${seen.peer ?? 'its socket'}`;
  switch (seen.reason) {
    case 'malformed_target':
      if (target?.url === `https://${site.hostname}${path}` && target.method === 'GET')
        return through.ok(`the gate is asked about ${site.hostname}: ${where}, for a client at ${seen.ip ?? '?'}`);
      if (target?.url === `http://${site.hostname}${path}`)
        return through.problem('the proxy says http where the client came by https', `have it send X-Forwarded-Proto https: ${SHIPPED}`);
      return through.problem(`the gate is asked about something else, ${target?.method ?? ''} ${target?.url ?? 'nothing'}`, SHIPPED);
    case 'missing_target':
    case 'missing_method':
      return through.problem(`the proxy does not say what it asks about (${where}, headers: ${namesOf(seen)})`, SHIPPED);
    case 'untrusted_peer':
      return through.problem(`the gate does not believe the proxy at ${seen.peer ?? '?'}`, 'name its address in server.trusted_proxies');
    default:
      return through.problem(`the gate refuses what the proxy sends (${seen.reason.replaceAll('_', ' ')}, headers: ${namesOf(seen)})`, SHIPPED);
  }
}

const namesOf = ({ headers }: ProbeSeen): string => headers.map(([name]) => name).join(', ');

interface Honest {
  readonly site: URL;
  /** Of the probe without tricks. */
  readonly seen: ProbeSeen;
}

/** The proxy itself found it wrong. */
const REFUSED_BY_PROXY = new Set([400, 403, 405, 413, 414, 417, 421, 431, 501]);

function judge(title: string, { status, seen, path }: Probed, honest: Honest): Finding {
  if (seen === null) {
    if (REFUSED_BY_PROXY.has(status)) return through.ok(`${title}: refused by the proxy itself (${status})`);
    if (status < 400) return through.problem(`${title}: went past the gate (${status})`, SHIPPED);
    return through.warning(`${title}: answered ${status}, and nothing reached the gate`, "look into the proxy's log");
  }
  // Whatever came twice, contradicts itself or is missing is answered 400: closed, if not what the proxy should send.
  if (seen.reason !== 'malformed_target') return through.ok(`${title}: refused by the gate (${seen.reason.replaceAll('_', ' ')})`);
  if (isAmbiguous(seen)) return through.ok(`${title}: refused by the gate (ambiguous target)`);
  const target = targetOf(seen);
  const before = targetOf(honest.seen);
  const [was, is] = [originOf(before?.url), originOf(target?.url)];
  if (target === null || is !== was || !target.url.endsWith(path) || target.method !== before?.method)
    return through.problem(`${title}: the client chose what was asked about, ${target?.method ?? ''} ${target?.url ?? ''}`, SHIPPED);
  if (seen.ip !== honest.seen.ip)
    return through.problem(
      `${title}: the client chose its address, ${seen.ip ?? 'none'} in the place of ${honest.seen.ip ?? 'none'}`,
      `have the proxy set X-Forwarded-For to the address it sees: ${SHIPPED}`,
    );
  return through.ok(`${title}: without effect`);
}

const originOf = (url: string | undefined): string | undefined => /^\w+:\/\/[^/]*/u.exec(url ?? '')?.[0];

const headerOf = (seen: ProbeSeen, name: string): string | undefined => seen.headers.find(([each]) => each.toLowerCase() === name)?.[1];

/** Where both families are there and differ the legacy endpoint takes neither (attack 3): the forged half was merely malformed before that. */
function isAmbiguous(seen: ProbeSeen): boolean {
  const original = headerOf(seen, 'x-original-url');
  if (seen.implementation !== 'Legacy' || original === undefined) return false;
  const [proto, host, uri] = ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-uri'].map((name) => headerOf(seen, name));
  const [, itsProto, itsHost, itsUri] = /^(\w+):\/\/([^/]*)(.*)$/u.exec(original) ?? [];
  return (proto !== undefined && proto !== itsProto) || (host !== undefined && host !== itsHost) || (uri !== undefined && uri !== itsUri);
}

/** What the gate was asked about, as its dialect reads it (reference 1.2). Ports are left out. */
function targetOf(seen: ProbeSeen): { readonly url: string; readonly method: string } | null {
  const header = (name: string): string | undefined => headerOf(seen, name);
  const original = header('x-original-url');
  const proto = header('x-forwarded-proto') ?? 'http';
  const host = header('host') ?? '';
  const forwarded = `${proto}://${header('x-forwarded-host') ?? host}${header('x-forwarded-uri') ?? seen.url}`;
  switch (seen.implementation) {
    case 'AuthRequest':
      return original === undefined ? null : { url: withoutPort(original), method: header('x-original-method') ?? '' };
    case 'ForwardAuth':
      return { url: withoutPort(forwarded), method: header('x-forwarded-method') ?? '' };
    case 'Legacy':
      return { url: withoutPort(original ?? forwarded), method: header('x-forwarded-method') ?? seen.method };
    case 'ExtAuthz':
      return { url: withoutPort(`${proto}://${host}${seen.url.replace(/^.*?\/authz\/[^/]+\/?(?=\/)/u, '')}`), method: seen.method };
  }
}

const withoutPort = (url: string): string => url.replace(/^(\w+:\/\/[^/]*?):\d+(?=\/|$)/u, '$1');
