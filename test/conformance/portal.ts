import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Client, type HttpResponse, type Person, type RunningPortcullis, startPortcullis, until, usersFile } from '../support/index.js';
import { type Answered, compare, type Outcome } from './compare.js';
import { isReason, type Reason } from './reasons.js';

export const passwordOf = (name: string): string => (name === 'colm' ? 'col:m:C1!xyz' : `${name}-Passw0rd!7`);
export const SECRETS = { ada: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', bo: 'KRUGKIDROVUWG2ZAMJZG653OEBTG66BA' } as const;
const HOST = 'door.house.test';

/** dun is disabled, Emil has a capital, mum has no address. */
const PEOPLE: Readonly<Record<string, Partial<Person>>> = {
  ...{ ada: { groups: ['staff', 'makers'] }, bo: { groups: ['guests'] }, colm: {}, dun: { disabled: true }, Emil: {}, mum: { email: '' } },
  ...{ ria: {}, rob: {}, tam: {}, nina: { displayname: 'Nina', email: 'nina@house.test' } },
};

const CONFIGURATION = {
  ...(parse(readFileSync(new URL('../integration/verify-facts/world.yml', import.meta.url), 'utf8')) as object),
  session: {
    expiration: '1h',
    inactivity: '30m',
    remember_me: '1M',
    cookies: [
      { domain: 'house.test', authelia_url: `https://${HOST}`, default_redirection_url: 'https://www.house.test' },
      { domain: 'yard.test', authelia_url: 'https://gate.yard.test/' },
    ],
  },
  totp: { issuer: 'house.test' },
  regulation: { max_retries: 5, find_time: '2m', ban_time: '2m' },
  // Stories that are told side by side each find their own mail.
  notifier: { filesystem: { append: true } },
};

/** What a step brought besides its answer: as portal.txt writes it. */
interface Extra {
  readonly newId?: boolean;
  readonly mail?: 'code' | 'notice';
}

const SECRET_FIELDS = new Set(['base32_secret', 'delete_id']);
/** Of every session cookie. */
const ATTRIBUTES = 'Domain=house.test; HttpOnly; Path=/; SameSite=Lax; Secure';

const dataText = (data: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(data)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, value]) => {
          if (SECRET_FIELDS.has(key)) return [key, '…'];
          if (key === 'expires') return [key, Math.round(Number(value) / 60) * 60];
          return [key, typeof value === 'string' ? value.replace(/secret=[A-Z2-7]+/, 'secret=…') : value];
        }),
    ),
  );

function cookieText({ headers }: HttpResponse): readonly string[] {
  const line = (headers['set-cookie'] ?? []).find((cookie) => cookie.startsWith('authelia_session='));
  if (line === undefined) return [];
  const [pair = '', ...attributes] = line.split('; ');
  const kept = attributes.filter((attribute) => !/^(max-age|expires)=/i.test(attribute)).sort();
  const expires = /expires=([^;]+)/i.exec(line)?.[1] ?? '';
  const seconds = Number(/max-age=(-?\d+)/i.exec(line)?.[1] ?? (Date.parse(expires) - Date.now()) / 1000);
  const complete = kept.join('; ') === ATTRIBUTES ? '' : `,${kept.join(';')}`;
  return [pair === 'authelia_session=' ? `cookie=cleared${complete}` : `cookie=${Math.round(seconds / 60) * 60}${complete}`];
}

interface JsonAnswer {
  readonly status?: string;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

function answerText(answer: HttpResponse, { newId, mail }: Extra): string {
  const type = answer.headers['content-type'] ?? '';
  const json = type.includes('json') && answer.body !== '' ? (answer.json() as JsonAnswer) : undefined;
  const otherwise = type.startsWith('text/plain') ? 'text' : type.startsWith('text/html') ? 'page' : type.includes('json') ? 'json' : 'empty';
  return [
    String(answer.status),
    json?.status ?? otherwise,
    // What a script tells a refusal by; the words of a success are nobody's business.
    ...(json?.status === 'KO' && json.message !== undefined ? [JSON.stringify(json.message)] : []),
    ...(json?.data === undefined ? [] : [dataText(json.data)]),
    ...cookieText(answer),
    ...(newId === undefined ? [] : [`id=${newId ? 'new' : 'same'}`]),
    ...(mail === undefined ? [] : [`mail=${mail}`]),
  ].join(' ');
}

const answered = (text: string): Answered => ({ text, grants: text.startsWith('2') && !text.startsWith('200 KO') });

interface Recorded {
  readonly title: string;
  readonly text: string;
  readonly reason: Reason | undefined;
}

function readRecorded(): readonly Recorded[] {
  const lines = readFileSync(new URL('portal.txt', import.meta.url), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, title, text, reason] = /^([^#].*?) {2}=> {2}(.*?)(?: but (\S+))?$/.exec(line) ?? [];
    if (title === undefined || text === undefined) return [];
    if (reason !== undefined && !isReason(reason)) throw new Error(`no such reason: ${reason}`);
    return [{ title, text, reason }];
  });
}

/** A browser's request: `BODY` is JSON as it leaves. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The running services, with a line of portal.txt for every step that is asked of them. */
export interface Portal {
  readonly portcullis: RunningPortcullis;
  readonly visitor: (ip?: string, host?: string) => Client;
  readonly signIn: (name: string, more?: object, ip?: string) => Promise<Client>;
  /** Sends a step; its answer is held against the line of that title, unless it has none. */
  readonly step: (title: string | undefined, who: Client, step: Step) => Promise<HttpResponse>;
  /** The same, and waits for the mail it brings to nina: its text. */
  readonly stepWithMail: (title: string, who: Client, step: Step) => Promise<string>;
  readonly outcomes: readonly Outcome[];
  /** Titles without an answer yet. */
  readonly missing: () => readonly string[];
}

/** The code of a notice: it stands alone between two lines. */
export const CODE = /^-{20,}\n(\S+)\n-{20,}$/m;
const send = (who: Client, { method, path, body, headers = {} }: Step): Promise<HttpResponse> =>
  who.send(path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
  });

/** An id that a step may change: those of steps whose line speaks of it. */
const idOf = (who: Client): string | undefined => who.cookies.get('authelia_session');

export async function startPortal(): Promise<Portal> {
  const people = Object.entries(PEOPLE).map(([name, person]) => [name, { password: passwordOf(name), ...person }] as const);
  const portcullis = await startPortcullis({ config: CONFIGURATION, users: await usersFile(Object.fromEntries(people)) });
  for (const [name, secret] of Object.entries(SECRETS)) {
    const made = await portcullis.cli('storage', 'user', 'totp', 'generate', name, '--secret', secret, '--force');
    if (made.code !== 0) throw new Error(`no device for ${name}: ${made.stderr}`);
  }
  const recorded = new Map(readRecorded().map((line) => [line.title, line]));
  const outcomes: Outcome[] = [];
  let addresses = 0;
  const visitor = (ip = `198.18.${Math.trunc(++addresses / 250)}.${1 + (addresses % 250)}`, host = HOST): Client => portcullis.client({ host, ip });
  const mail = (): string => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : '');
  const lineOf = (title: string): Recorded => {
    const line = recorded.get(title);
    if (line === undefined) throw new Error(`not recorded: ${title}`);
    return line;
  };
  const keep = (title: string, answer: HttpResponse, extra: Extra): void => {
    const { text, reason } = lineOf(title);
    const outcome = compare(title, answered(text), answered(answerText(answer, extra)), reason);
    const idle = outcome.kind === 'same' && reason !== undefined;
    outcomes.push(idle ? { ...outcome, kind: 'unexplained', ours: `${outcome.ours} (the same: "but ${reason}" is not needed)` } : outcome);
    recorded.delete(title);
  };
  const asked = async (title: string | undefined, who: Client, step: Step): Promise<readonly [HttpResponse, Extra]> => {
    const before = idOf(who);
    const answer = await send(who, step);
    return [answer, title !== undefined && / id=/.test(lineOf(title).text) ? { newId: idOf(who) !== before } : {}];
  };
  return {
    portcullis,
    visitor,
    signIn: async (name, more = {}, ip) => {
      const who = visitor(ip);
      const answer = await who.post('/api/firstfactor', { username: name, password: passwordOf(name), ...more });
      if (answer.status !== 200) throw new Error(`${name} cannot sign in: ${answer.status} ${answer.body}`);
      return who;
    },
    step: async (title, who, step) => {
      const [answer, extra] = await asked(title, who, step);
      if (title !== undefined) keep(title, answer, extra);
      return answer;
    },
    stepWithMail: async (title, who, step) => {
      const before = mail().length;
      const [answer, extra] = await asked(title, who, step);
      const kind = lineOf(title).text.endsWith('mail=code') ? 'code' : 'notice';
      const notices = (): readonly string[] =>
        mail()
          .slice(before)
          .split(/^(?=Date: )/m);
      const fits = (notice: string): boolean => notice.includes('nina@') && notice.endsWith('\n') && CODE.test(notice) === (kind === 'code');
      const found = await until(() => notices().find(fits), { what: `a mail after "${title}"` });
      keep(title, answer, { ...extra, mail: kind });
      return found;
    },
    outcomes,
    missing: () => [...recorded.keys()],
  };
}

/** `WHO [(HOST)] [[ADDRESS]] METHOD PATH BODY` */
const REQUEST = /^(\w+ )?(?:\(([^)]+)\) )?(?:\[([^\]]+)\] )?([A-Z]+) (\/\S*)(?: (.*))?$/;

const withPasswords = (body: string): string =>
  body.replaceAll(/\$(\w+)/g, (_, name: string) => (name === 'BO' ? passwordOf('bo').toUpperCase() : passwordOf(name)));

/** Every line of portal.txt that is one request by itself. */
export async function askRequests(portal: Portal): Promise<void> {
  for (const { title } of readRecorded()) {
    const [, who = 'nobody', host, ip, method, path, body] = REQUEST.exec(title) ?? [];
    if (method === undefined || path === undefined) continue;
    const name = who.trim();
    const asks = name === 'nobody' ? portal.visitor(ip, host) : await portal.signIn(name);
    await portal.step(title, asks, { method, path, ...(body === undefined ? {} : { body: withPasswords(body) }) });
  }
}

/** A verify of a site, for somebody's browser. */
export const siteStep = (site: string, headers: Readonly<Record<string, string>> = {}): Step => ({
  method: 'GET',
  path: '/api/verify',
  headers: { 'X-Forwarded-Host': `${site}.house.test`, 'X-Forwarded-URI': '/', 'X-Forwarded-Method': 'GET', ...headers },
});
