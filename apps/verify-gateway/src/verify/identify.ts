import type { Subject } from '@portcullis/domain-policy';
import { identityHeaders, type LiveSession } from '../sessions/live-session.js';
import type { SessionGate } from '../sessions/session-gate.js';
import { type BasicCredentials, readBasic } from './basic.js';
import type { Standing } from './outcome.js';
import type { Question } from './question.js';
import type { StrategyName } from './routes.js';
import type { Target } from './target.js';

/** A person proven by name and password alone. */
export interface ProvenPerson {
  readonly username: string;
  readonly displayName: string;
  readonly emails: readonly string[];
  readonly groups: readonly string[];
}

/** Checks a name and password: null is a refusal, a rejection means that it cannot be told now. */
export type CheckPassword = (credentials: BasicCredentials, target: Target) => Promise<ProvenPerson | null>;

/** Who asks, as the strategies of the endpoint found it (reference 1.4). */
export interface Identified {
  readonly standing: Standing;
  readonly subject: Subject | null;
  /** The headers of a 200; absent for nobody. */
  readonly headers: readonly string[] | undefined;
  /** A refusal is a challenge of this kind. */
  readonly proxy: boolean;
  /** Whether a hash was made to find out, which takes a good part of a second by design. */
  readonly passwordChecked: boolean;
}

const NOBODY: Identified = { standing: { level: 0, header: 'none' }, subject: null, headers: undefined, proxy: false, passwordChecked: false };
const SILENT_HEADER: Identified = { ...NOBODY, standing: { level: 0, header: 'last' } };
const SILENT_PROXY_HEADER: Identified = { ...SILENT_HEADER, proxy: true };
const FAILED: Identified = { ...NOBODY, standing: { level: 0, header: 'failed' } };
const FAILED_PROXY: Identified = { ...FAILED, proxy: true };

/** Nobody, whatever the strategies might find: what a request without any credential is. */
export const nobody = NOBODY;

export interface IdentifyOptions {
  readonly sessions: SessionGate;
  readonly checkPassword: CheckPassword;
  readonly now: () => number;
}

/** Asks the strategies in order until one finds somebody; synchronous unless Redis or a password must be asked. */
export function identify(question: Question, options: IdentifyOptions, from = 0): Identified | Promise<Identified> {
  const { strategies } = question.endpoint;
  let last = NOBODY;
  for (let i = from; i < strategies.length; i++) {
    const strategy = strategies[i] as StrategyName;
    const found = strategy === 'CookieSession' ? bySession(question, options) : byHeader(strategy, question, options);
    if (found instanceof Promise) return found.then((later) => (goesOn(later) ? rest(later, question, options, i + 1) : later));
    if (!goesOn(found)) return found;
    last = found;
  }
  return last;
}

/** What the last strategy said stands when none is left. */
function rest(last: Identified, question: Question, options: IdentifyOptions, from: number): Identified | Promise<Identified> {
  return from < question.endpoint.strategies.length ? identify(question, options, from) : last;
}

const goesOn = ({ standing }: Identified): boolean => standing.level === 0 && standing.header !== 'failed';

function bySession(question: Question, { sessions, now }: IdentifyOptions): Identified | Promise<Identified> {
  const { sessionId, domain } = question;
  if (sessionId === null) return NOBODY;
  const session = sessions.find(sessionId, domain, now());
  return session instanceof Promise ? session.then((found) => asIdentified(found, question, sessions)) : asIdentified(session, question, sessions);
}

function asIdentified(session: LiveSession | null, { sessionUsername, sessionId }: Question, sessions: SessionGate): Identified {
  if (session === null || sessionId === null) return NOBODY;
  if (sessionUsername && sessionUsername.toLowerCase() !== session.subject.username.toLowerCase()) {
    sessions.endAsImpostor(sessionId);
    return NOBODY;
  }
  return session;
}

function byHeader(strategy: Exclude<StrategyName, 'CookieSession'>, question: Question, options: IdentifyOptions): Identified | Promise<Identified> {
  const legacy = strategy === 'HeaderLegacy';
  const own = strategy === 'HeaderAuthorization' || (legacy && question.basicRequired);
  const proxy = strategy === 'HeaderProxyAuthorization';
  const credentials = readBasic(own ? question.authorization : question.proxyAuthorization);
  const silent = proxy ? SILENT_PROXY_HEADER : SILENT_HEADER;
  const failed = proxy ? FAILED_PROXY : FAILED;
  switch (credentials.kind) {
    case 'absent':
      return legacy && question.basicRequired ? failed : silent;
    case 'other_scheme':
      return legacy ? failed : silent;
    case 'malformed':
      return failed;
    case 'basic':
      return options
        .checkPassword(credentials, question.target)
        .then((person) => (person === null ? { ...failed, passwordChecked: true } : byPassword(person, proxy)));
  }
}

/** A password in a header is one factor, always (attack 36). */
function byPassword(person: ProvenPerson, proxy: boolean): Identified {
  return {
    standing: { level: 1, header: 'last' },
    subject: person,
    headers: identityHeaders(person.username, person.groups, person.displayName, person.emails[0] ?? ''),
    proxy,
    passwordChecked: true,
  };
}
