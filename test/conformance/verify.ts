import { readFileSync } from 'node:fs';
import type { HttpRequest } from '../support/index.js';
import { ask, type EndpointName, EVERY_ENDPOINT, locationOf } from '../integration/verify-facts/endpoints.js';
import { basic, basicOf, nameOf, REMOTE, type Who, WHO } from '../integration/verify-facts/people.js';
import { type Fact, factOf } from '../integration/verify-facts/table.js';
import type { Answer, World } from '../integration/verify-facts/world.js';
import { type Answered, compare, type Outcome } from './compare.js';
import type { Reason } from './reasons.js';

/** One recorded answer of the verify road: verify.txt, whose first lines say what its letters mean. */
interface Recorded {
  readonly who: Who;
  readonly request: string;
  readonly endpoint: EndpointName;
  readonly letter: string;
}

function cellsOf(line: string, people: readonly Who[]): readonly Recorded[] {
  const words = line.split(/\s+/);
  const request = words.slice(0, -EVERY_ENDPOINT.length).join(' ');
  return words
    .slice(-EVERY_ENDPOINT.length)
    .flatMap((cell, column) =>
      Array.from(cell).flatMap((letter, index) =>
        letter === '-' ? [] : [{ who: people[index]!, request, endpoint: EVERY_ENDPOINT[column]!, letter }],
      ),
    );
}

function readRecorded(): readonly Recorded[] {
  const lines = readFileSync(new URL('verify.txt', import.meta.url), 'utf8').split('\n');
  return lines.flatMap((line) => {
    if (/^[A-Za-z%0-9()]+ +\S*\/\//.test(line) && !WHO.some((who) => line.startsWith(`${who} `))) return cellsOf(line.trimEnd(), WHO);
    const [, who, rest] = /^(nobody|ada\+2) +(.*)$/.exec(line) ?? [];
    return who === undefined ? [] : cellsOf(rest!, [who as Who]);
  });
}

const CREDENTIALS: Readonly<Record<string, string>> = {
  ada: basicOf('ada'),
  bo: basicOf('bo'),
  colm: basicOf('colm'),
  'ada-without-password': basic('ada'),
};

/** What a request has of its own besides a fact's conditions. */
interface Own {
  readonly without?: string;
  readonly as?: string;
  readonly endpoint?: string;
  readonly rd?: string;
  readonly authelia_url?: string;
  readonly Authorization?: string;
  readonly 'Proxy-Authorization'?: string;
}

const OWN = /^(without|as|endpoint|rd|authelia_url|Authorization|Proxy-Authorization)=(.*)$/;
const spaced = (text: string): string => text.replaceAll('␠', ' ');

function read(request: string): { readonly fact: Fact; readonly own: Own } {
  const words = request.split(' ');
  const own = words.flatMap((word) => {
    const [, name, value] = OWN.exec(word) ?? [];
    return name === undefined ? [] : [[name, spaced(value!)]];
  });
  const fact = factOf(words.filter((word) => !OWN.test(word)));
  return { fact: { ...fact, url: spaced(fact.url).replace('/LONG', `/${'a'.repeat(1500)}`) }, own: Object.fromEntries(own) as Own };
}

function requestOf({ endpoint }: Recorded, fact: Fact, own: Own, cookie: Readonly<Record<string, string>>): HttpRequest {
  const credentials = Object.fromEntries(
    (['Authorization', 'Proxy-Authorization'] as const).flatMap((name) =>
      own[name] === undefined ? [] : [[name, CREDENTIALS[own[name]] ?? own[name]]],
    ),
  );
  const asked = ask(endpoint, fact, { ...cookie, ...credentials });
  const headers = Object.fromEntries(Object.entries(asked.headers as Record<string, string>).filter(([name]) => name !== own.without));
  const query = Object.entries({ rd: own.rd, authelia_url: own.authelia_url }).flatMap(([name, value]) =>
    value === undefined ? [] : [`?${name}=${encodeURIComponent(value)}`],
  );
  const path = own.endpoint === undefined ? asked.path! : `/api/authz/${own.endpoint}`;
  return { ...asked, method: own.as ?? asked.method!, path: [path, ...query].join(''), headers };
}

/** A legacy question without address or method of its own is about itself. */
function seenBy(endpoint: EndpointName, fact: Fact, own: Own, path: string): Fact {
  const legacy = endpoint.startsWith('legacy');
  const method = legacy && fact.method === '' ? 'GET' : fact.method;
  if (endpoint === 'legacy with rd' && /^https:\/\/[^/]+$/.test(fact.url)) return { ...fact, method, url: fact.url + path };
  return { ...fact, method, url: own.without === 'X-Forwarded-URI' ? new URL(fact.url).origin : fact.url };
}

const STATUS: Readonly<Record<string, number>> = { a: 302, s: 303, t: 401, u: 401, k: 401, n: 403, b: 400, m: 405, f: 404 };
const PERSON: Readonly<Record<string, keyof typeof REMOTE>> = { '0': 'nobody', A: 'ada', B: 'bo', C: 'colm' };

function recordedAnswer({ letter, who, endpoint }: Recorded, fact: Fact, own: Own, path: string): Answer {
  const status = STATUS[letter];
  if (status === undefined) return { status: 200, remote: REMOTE[PERSON[letter] ?? nameOf(who)] };
  if (letter === 'k') return { status, challenge: 'Basic realm="Authorization Required"' };
  if (!'ast'.includes(letter)) return { status };
  const location = locationOf(endpoint, seenBy(endpoint, fact, own, path));
  const portal = own.rd ?? own.authelia_url;
  return { status, location: portal === undefined ? location : `${new URL(portal).href}${location.slice(location.indexOf('?'))}` };
}

const TWO_READINGS = /[^:]\/\/|^\/|:\/\/\/|\/\.{1,2}\/|%2e|%2f|%25|%0|%zz|%ff|%$|[#\\; ]|@|:[a-z]+\/$/i;

function reasonOf({ url }: Fact, own: Own): Reason | undefined {
  if (TWO_READINGS.test(url)) return 'two-readings';
  if (own.rd !== undefined || own.authelia_url !== undefined) return 'portal-address';
  return own.as === 'OPTIONS' ? 'asking-with-options' : undefined;
}

const answered = ({ status, location, remote, challenge }: Answer): Answered => ({
  text: [status, location, remote && `as ${remote.join(' | ')}`, challenge].filter((part) => part !== undefined).join(' '),
  grants: status < 300,
});

/** Asks everything that is recorded of the verify road. */
export async function compareVerify(world: World): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const recorded of readRecorded()) {
    const { fact, own } = read(recorded.request);
    const request = requestOf(recorded, fact, own, world.cookieOf(recorded.who, fact.url));
    const theirs = answered(recordedAnswer(recorded, fact, own, request.path!));
    const ours = answered(await world.answer(request));
    // Two grants that differ name two people: no reading of an address excuses that.
    const reason = theirs.grants && ours.grants ? undefined : reasonOf(fact, own);
    outcomes.push(compare(`${recorded.endpoint}, ${recorded.who}: ${recorded.request}`, theirs, ours, reason));
  }
  return outcomes;
}
