import { readFileSync } from 'node:fs';
import { http, type HttpRequest, type HttpResponse, type RunningPortcullis, startPortcullis } from '../../support/index.js';
import { type EndpointName, ENDPOINTS, locationOf } from './endpoints.js';
import { type Cookies, nameOf, REMOTE, signEverybodyIn, users, type Who } from './people.js';
import type { Fact, Word } from './table.js';

export interface World {
  readonly portcullis: RunningPortcullis;
  /** What a browser of theirs sends along to that address. */
  cookieOf(who: Who, url: string): Readonly<Record<string, string>>;
  answer(request: HttpRequest): Promise<Answer>;
}

/** The running services on world.yml, everybody signed in. */
export async function startWorld(): Promise<World> {
  const portcullis = await startPortcullis({ config: readFileSync(new URL('world.yml', import.meta.url), 'utf8'), users: await users() });
  const cookies: Cookies = await signEverybodyIn(portcullis);
  return {
    portcullis,
    cookieOf: (who, url) => {
      const cookie = cookies[/yard\.test/i.test(url) ? 'yard.test' : 'house.test'][who];
      return cookie === '' ? {} : { Cookie: cookie };
    },
    answer: async (request) => answered(await http(portcullis.base, request)),
  };
}

/** What an answer says to a proxy. */
export interface Answer {
  readonly status: number;
  readonly location?: string;
  /** Remote-User, -Groups, -Name and -Email: all four of a 200, and of nothing else. */
  readonly remote?: readonly (string | undefined)[];
  readonly challenge?: string;
}

const REMOTE_HEADERS = ['remote-user', 'remote-groups', 'remote-name', 'remote-email'];

function answered({ status, headers }: HttpResponse): Answer {
  const remote = REMOTE_HEADERS.map((name) => headers[name] as string | undefined);
  const challenge = headers['www-authenticate'];
  return {
    status,
    ...(headers.location === undefined ? {} : { location: headers.location }),
    ...(remote.every((value) => value === undefined) ? {} : { remote }),
    ...(challenge === undefined ? {} : { challenge }),
  };
}

const SIGN_IN = { ask: 0, see: 1, tell: 2 } as const;

/** What a word of the tables means at one endpoint. */
export function meaning(word: Word, endpoint: EndpointName, who: Who, fact: Fact): Answer {
  const { signIn, refusal } = ENDPOINTS[endpoint];
  switch (word) {
    case 'open':
      return { status: 200, remote: REMOTE[nameOf(who)] };
    case 'no':
      return { status: 403 };
    case 'bad':
      return { status: refusal };
    case '400':
      return { status: 400 };
    case 'knock':
      return { status: 401, challenge: 'Basic realm="Authorization Required"' };
    case 'ask':
    case 'see':
    case 'tell':
      return { status: signIn[SIGN_IN[word]], ...(endpoint === 'legacy' ? {} : { location: locationOf(endpoint, fact) }) };
  }
}
