import type { CookieConfiguration } from '@portcullis/contracts-configuration';
import { askAt, type Place, placeOf, type Reach, type Reached, textOf } from './doctor-ask.js';
import { about, type Finding, messageOf } from './doctor-finding.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SOON_MS = 14 * DAY_MS;

/** Each portal is found by its name, answers with its health over https, and has a certificate that lasts. */
export async function checkPortals(cookies: readonly CookieConfiguration[], reach: Reach): Promise<readonly Finding[]> {
  const findings = await Promise.all(cookies.map((cookie) => checkDomain(cookie, reach)));
  return findings.flat();
}

function checkDomain({ domain, autheliaUrl }: CookieConfiguration, reach: Reach): Promise<readonly Finding[]> {
  if (autheliaUrl !== null) return checkPortal(new URL(autheliaUrl), reach);
  const fix = 'write session.cookies[].authelia_url: mails then carry links, and /api/authz/* redirects';
  return Promise.resolve([about('portal').warning(`${domain} names no portal`, fix)]);
}

async function checkPortal(url: URL, reach: Reach): Promise<readonly Finding[]> {
  const portal = about('portal');
  const place = await placeOf(url, reach).catch((error: unknown) => error as Error);
  if (place instanceof Error)
    return [
      portal.problem(
        `${url.host} is not found (${place.message})`,
        `add a DNS record for ${url.hostname}, or correct session.cookies[].authelia_url`,
      ),
    ];
  const path = url.pathname.replace(/\/$/u, '');
  try {
    const health = await askAt(url, place, `${path}/api/health`, [['Accept', 'application/json']], reach);
    const questions = await askAt(url, place, `${path}/api/authz/forward-auth`, [], reach);
    return [certificateFinding(url, health, reach), answerFinding(url, place, health), questionsFinding(url, questions)].filter(
      (each) => each !== null,
    );
  } catch (error) {
    return [
      portal.problem(
        `${url.origin} at ${textOf(place)} does not answer (${messageOf(error)})`,
        'look whether the proxy runs there and serves that host',
      ),
    ];
  }
}

/** null over http, and where certificates are not to be looked at. */
export function certificateFinding(url: URL, reached: Reached, { insecure }: Reach): Finding | null {
  if (reached.certificate === null || insecure) return null;
  const { distrust, beginsMs, endsMs } = reached.certificate;
  const certificate = about('certificate');
  const leftMs = endsMs - Date.now();
  if (leftMs < 0) return certificate.problem(`that of ${url.host} ended ${daysOf(-leftMs)} ago`, 'renew it');
  if (distrust !== null) {
    const fix = 'serve the whole chain for that host; for an authority of your own add --ca FILE';
    return certificate.problem(`that of ${url.host} is not trusted (${distrust})`, fix);
  }
  // One that is made for hours alone is renewed within them.
  if (leftMs < Math.min(SOON_MS, (endsMs - beginsMs) / 3))
    return certificate.warning(`that of ${url.host} ends in ${daysOf(leftMs)}`, 'renew it, and look why that did not happen by itself');
  return certificate.ok(`that of ${url.host} is trusted, and lasts ${daysOf(leftMs)}`);
}

const daysOf = (ms: number): string => (ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.floor(ms / DAY_MS)} days`);

function answerFinding(url: URL, place: Place, { status, body }: Reached): Finding {
  const portal = about('portal');
  if (status === 200 && body.trim() === '{"status":"OK"}') return portal.ok(`${url.href} is at ${textOf(place)} and is answered by the gate`);
  if (status === 502 || status === 503 || status === 504)
    return portal.problem(
      `${url.href}: the proxy at ${textOf(place)} does not reach the gate (${status})`,
      "start the services, or correct the gate's address in the proxy",
    );
  return portal.problem(
    `${url.href}: something else answers at ${textOf(place)} (${status})`,
    'send that host to the gate as a whole: deploy/ has the lines for each proxy',
  );
}

/** The questions of proxies are not for the public: who may ask them may try headers. */
function questionsFinding(url: URL, { status }: Reached): Finding | null {
  if (status === 404) return about('portal').ok(`${url.host} keeps /api/authz and /api/verify to itself`);
  return about('portal').warning(
    `${url.host} answers the questions of proxies to everybody (/api/authz/forward-auth: ${status})`,
    'close /api/authz and /api/verify there, as the files of deploy/ do',
  );
}
