import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveSession } from '../sessions/live-session.js';
import type { SessionGate } from '../sessions/session-gate.js';
import type { BasicCredentials } from './basic.js';
import { forwardAuth } from './forward-auth.js';
import { type Identified, identify, type ProvenPerson } from './identify.js';
import type { Question } from './question.js';
import type { StrategyName } from './routes.js';

const alice: ProvenPerson = { username: 'alice', displayName: 'Alice', emails: ['alice@example.com', 'a@example.com'], groups: ['admins', 'users'] };
const session = {
  standing: { level: 2, header: 'none' },
  subject: { username: 'alice', groups: ['admins'] },
  headers: ['Remote-User', 'alice'],
  proxy: false,
  passwordChecked: false,
} as unknown as LiveSession;
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const right = basic('alice:secret');
const wrong = basic('alice:wrong');

/** The two ports, by hand: what they know, and what they were asked. */
let asked: string[];
let sessions: ReadonlyMap<string, LiveSession>;
let sessionsAway: boolean;
let slow: boolean;
let passwordsAway: boolean;
beforeEach(() => {
  asked = [];
  sessions = new Map([['the id', session]]);
  sessionsAway = slow = passwordsAway = false;
});

const gate: Pick<SessionGate, 'find' | 'endAsImpostor'> = {
  find: (id) => {
    asked.push(`session ${id}`);
    if (sessionsAway) return Promise.reject(new Error('away'));
    const found = sessions.get(id) ?? null;
    return slow ? Promise.resolve(found) : found;
  },
  endAsImpostor: (id) => {
    asked.push(`end ${id}`);
    return null;
  },
};
const checkPassword = ({ username, password }: BasicCredentials): Promise<ProvenPerson | null> => {
  asked.push(`password ${username}:${password}`);
  if (passwordsAway) return Promise.reject(new Error('away'));
  return Promise.resolve(password === 'secret' ? alice : null);
};

function question(strategies: readonly StrategyName[], change: Partial<Question> = {}): Question {
  return {
    res: {} as ServerResponse,
    endpoint: { name: 'x', slot: 0, path: '/x', dialect: forwardAuth, strategies },
    target: { scheme: 'https', authority: 'a', host: 'a', uri: '/', path: '/', query: '', otherPaths: [], method: 'GET', ip: '::1' },
    domain: { domain: 'example.com', cookieName: 'authelia_session', inactivityMs: 1, portalUrl: null },
    portal: null,
    basicRequired: false,
    sessionId: null,
    authorization: undefined,
    proxyAuthorization: undefined,
    sessionUsername: undefined,
    accept: undefined,
    requestedWith: undefined,
    requestId: undefined,
    startedAt: 0,
    ...change,
  };
}

const ask = (strategies: readonly StrategyName[], change: Partial<Question> = {}): Identified | Promise<Identified> =>
  identify(question(strategies, change), { sessions: gate as SessionGate, checkPassword, now: () => 0 });
/** Who, at which level, and how a refusal would be told. */
async function told(strategies: readonly StrategyName[], change: Partial<Question> = {}): Promise<string> {
  const { standing, subject, proxy } = await ask(strategies, change);
  return `${subject?.username ?? 'nobody'} ${standing.level} ${standing.header}${proxy ? ' proxy' : ''}`;
}

describe('a cookie', () => {
  it('of a session is who it was made for, at its level', async () => {
    expect(await ask(['CookieSession'], { sessionId: 'the id' })).toBe(session);
  });

  it('that memory knows is answered at once', () => {
    expect(ask(['CookieSession'], { sessionId: 'the id' })).not.toBeInstanceOf(Promise);
    expect(ask(['HeaderAuthorization', 'CookieSession'], { sessionId: 'the id' })).not.toBeInstanceOf(Promise);
    expect(ask(['HeaderAuthorization', 'CookieSession'])).not.toBeInstanceOf(Promise);
  });

  it('that memory does not know is waited for', async () => {
    slow = true;
    expect(await told(['CookieSession'], { sessionId: 'the id' })).toBe('alice 2 none');
  });

  it('of no session is nobody', async () => {
    expect(await told(['CookieSession'], { sessionId: 'another' })).toBe('nobody 0 none');
    expect(await told(['CookieSession'])).toBe('nobody 0 none');
    expect(asked).toEqual(['session another']);
  });

  it('that cannot be judged now is no refusal', async () => {
    sessionsAway = true;
    await expect(told(['CookieSession'], { sessionId: 'the id' })).rejects.toThrow('away');
  });
});

describe('Session-Username', () => {
  it.each(['alice', 'ALICE', ''])('%j is the person of the session', async (sessionUsername) => {
    expect(await told(['CookieSession'], { sessionId: 'the id', sessionUsername })).toBe('alice 2 none');
  });

  it.each([false, true])('of another ends the session (read from Redis: %s)', async (read) => {
    slow = read;
    expect(await told(['CookieSession'], { sessionId: 'the id', sessionUsername: 'bob' })).toBe('nobody 0 none');
    expect(asked).toContain('end the id');
  });
});

describe('a password in a header', () => {
  it('is one factor, with the person’s own headers (attack 36)', async () => {
    expect(await ask(['HeaderAuthorization'], { authorization: right })).toEqual({
      standing: { level: 1, header: 'last' },
      subject: alice,
      headers: [
        'Remote-User',
        'alice',
        'Remote-Groups',
        'admins,users',
        'Remote-Name',
        'Alice',
        'Remote-Email',
        'alice@example.com',
        'Content-Length',
        '0',
      ],
      proxy: false,
      passwordChecked: true,
    });
  });

  it('is known to have cost a hash, right or wrong; one that cannot be read, and a session, cost none', async () => {
    const cost = async (change: Partial<Question>): Promise<boolean> => (await ask(['CookieSession', 'HeaderAuthorization'], change)).passwordChecked;
    expect([await cost({ authorization: right }), await cost({ authorization: wrong })]).toEqual([true, true]);
    expect([await cost({ authorization: 'Basic !' }), await cost({ sessionId: 'the id' }), await cost({})]).toEqual([false, false, false]);
  });

  it('that cannot be checked now is no refusal', async () => {
    passwordsAway = true;
    await expect(told(['HeaderAuthorization'], { authorization: right })).rejects.toThrow('away');
  });

  it.each<[StrategyName, Partial<Question>, string]>([
    ['HeaderAuthorization', {}, 'nobody 0 last'],
    ['HeaderAuthorization', { authorization: right }, 'alice 1 last'],
    ['HeaderAuthorization', { authorization: wrong }, 'nobody 0 failed'],
    ['HeaderAuthorization', { authorization: 'Basic !!!' }, 'nobody 0 failed'],
    ['HeaderAuthorization', { authorization: 'Bearer x' }, 'nobody 0 last'],
    ['HeaderAuthorization', { proxyAuthorization: right }, 'nobody 0 last'],
    ['HeaderProxyAuthorization', {}, 'nobody 0 last proxy'],
    ['HeaderProxyAuthorization', { proxyAuthorization: right }, 'alice 1 last proxy'],
    ['HeaderProxyAuthorization', { proxyAuthorization: wrong }, 'nobody 0 failed proxy'],
    ['HeaderProxyAuthorization', { proxyAuthorization: 'Bearer x' }, 'nobody 0 last proxy'],
    ['HeaderProxyAuthorization', { authorization: right }, 'nobody 0 last proxy'],
    ['HeaderAuthRequestProxyAuthorization', { proxyAuthorization: right }, 'alice 1 last'],
    ['HeaderAuthRequestProxyAuthorization', { proxyAuthorization: wrong }, 'nobody 0 failed'],
    ['HeaderAuthRequestProxyAuthorization', {}, 'nobody 0 last'],
    ['HeaderLegacy', {}, 'nobody 0 last'],
    ['HeaderLegacy', { proxyAuthorization: right }, 'alice 1 last'],
    ['HeaderLegacy', { proxyAuthorization: wrong }, 'nobody 0 failed'],
    ['HeaderLegacy', { proxyAuthorization: 'Bearer x' }, 'nobody 0 failed'],
    ['HeaderLegacy', { authorization: right }, 'nobody 0 last'],
    ['HeaderLegacy', { basicRequired: true, authorization: right }, 'alice 1 last'],
    ['HeaderLegacy', { basicRequired: true, proxyAuthorization: right }, 'nobody 0 failed'],
    ['HeaderLegacy', { basicRequired: true }, 'nobody 0 failed'],
    ['HeaderLegacy', { basicRequired: true, authorization: '' }, 'nobody 0 failed'],
    ['HeaderLegacy', { basicRequired: true, authorization: 'Bearer x' }, 'nobody 0 failed'],
    ['HeaderAuthorization', { basicRequired: true }, 'nobody 0 last'],
  ])('%s with %j: %s', async (strategy, change, expected) => {
    expect(await told([strategy], change)).toBe(expected);
  });
});

describe('strategies one after the other', () => {
  const chain: readonly StrategyName[] = ['HeaderAuthorization', 'CookieSession'];

  it('ask the cookie where there is no credential, or one of another scheme', async () => {
    expect(await told(chain, { sessionId: 'the id' })).toBe('alice 2 none');
    expect(await told(chain, { sessionId: 'the id', authorization: 'Bearer x' })).toBe('alice 2 none');
    expect(await told(chain)).toBe('nobody 0 none');
  });

  it('stop at a credential, be it right or bad', async () => {
    expect(await told(chain, { sessionId: 'the id', authorization: right })).toBe('alice 1 last');
    expect(await told(chain, { sessionId: 'the id', authorization: wrong })).toBe('nobody 0 failed');
    expect(await told(chain, { sessionId: 'the id', authorization: 'Basic ?' })).toBe('nobody 0 failed');
    expect(asked).toEqual(['password alice:secret', 'password alice:wrong']);
  });

  it.each([false, true])('ask the header after the cookie (read from Redis: %s)', async (read) => {
    slow = read;
    const reversed: readonly StrategyName[] = ['CookieSession', 'HeaderAuthorization'];
    expect(await told(reversed, { sessionId: 'the id', authorization: right })).toBe('alice 2 none');
    expect(await told(reversed, { sessionId: 'another', authorization: right })).toBe('alice 1 last');
    expect(await told(reversed, { sessionId: 'another' })).toBe('nobody 0 last');
  });

  it('that are none find nobody', async () => {
    expect(await told([], { sessionId: 'the id', authorization: right })).toBe('nobody 0 none');
    expect(asked).toEqual([]);
  });
});
