import type { SessionRecord } from '@portcullis/contracts-session';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MAILED } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, type GatewayOptions, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const PATH = '/api/user/session/elevation';
const HERE = '203.0.113.7';
const elevation = { ip: HERE, untilMs: Date.now() + 600_000 };
const NOT = {
  require_second_factor: false,
  skip_second_factor: false,
  can_skip_second_factor: false,
  factor_knowledge: true,
  elevated: false,
  expires: 0,
};

describe('GET', () => {
  const state = async (username: string, level: 1 | 2, change: Partial<SessionRecord> = {}, at = gateway): Promise<unknown> =>
    (await at.ask('GET', PATH, { session: await at.session.signedIn(username, level, change) })).json.data;

  it('says what is missing', async () => {
    expect(await state('bob', 1)).toEqual(NOT);
    expect(await state('alice', 2)).toEqual({ ...NOT, factor_knowledge: false });
  });

  it('says for how long one is elevated, in seconds, at this address', async () => {
    const here = (await state('bob', 1, { elevation })) as { expires: number };
    expect(here).toEqual({ ...NOT, elevated: true, expires: expect.any(Number) as number });
    expect(here.expires).toBeGreaterThan(500);
    expect(here.expires).toBeLessThanOrEqual(600);
    expect(await state('bob', 1, { elevation: { ...elevation, ip: '192.0.2.99' } })).toEqual(NOT);
    expect(await state('bob', 1, { elevation: { ip: HERE, untilMs: Date.now() - 1 } })).toEqual(NOT);
  });

  it.each<[string, 1 | 2, NonNullable<GatewayOptions['settings']>['elevation'], object]>([
    ['alice', 1, { requireSecondFactor: true, skipSecondFactor: false }, { require_second_factor: true }],
    ['alice', 2, { requireSecondFactor: true, skipSecondFactor: false }, { factor_knowledge: false }],
    ['bob', 1, { requireSecondFactor: true, skipSecondFactor: false }, {}],
    ['alice', 1, { requireSecondFactor: false, skipSecondFactor: true }, { can_skip_second_factor: true }],
    [
      'alice',
      2,
      { requireSecondFactor: false, skipSecondFactor: true },
      { can_skip_second_factor: true, skip_second_factor: true, elevated: true, factor_knowledge: false },
    ],
    ['bob', 1, { requireSecondFactor: false, skipSecondFactor: true }, {}],
  ])('of %s at level %i under %j', async (username, level, settings, expected) => {
    const other = await Gateway.start({ settings: { elevation: settings as NonNullable<typeof settings> } });
    onTestFinished(() => other.stop());
    expect(await state(username, level, {}, other)).toEqual({ ...NOT, ...expected });
  });

  it('is for people who are signed in', async () => {
    expect((await gateway.ask('GET', PATH)).body).toBe('403 Forbidden');
  });
});

describe('POST', () => {
  it('mails a code, for this sign-in', async () => {
    const answer = await gateway.ask('POST', PATH, { session: await gateway.session.signedIn('bob', 1, { handle: 'the handle' }) });
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK', data: { delete_id: 'a-delete-id' } }]);
    expect(gateway.identity.asked('startElevation').at(-1)).toEqual({ username: 'bob', handle: 'the handle', ip: HERE, domain: 'example.com' });
  });

  it('never to an address that the request names (attack 41)', async () => {
    await gateway.ask('POST', PATH, { session: await gateway.session.signedIn('bob'), json: { email: 'eve@evil.test' } });
    expect(JSON.stringify(gateway.identity.asked('startElevation').at(-1))).not.toContain('evil');
  });

  it('to who has no address says so', async () => {
    const { startElevation } = gateway.identity;
    onTestFinished(() => void (gateway.identity.startElevation = startElevation));
    gateway.identity.startElevation = () => Promise.resolve({ outcome: 'no_address' });
    const answer = await gateway.ask('POST', PATH, { session: await gateway.session.signedIn('bob') });
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: 'KO', message: 'There is no mail address to send a code to. Ask the administrator.' },
    ]);
  });

  it('is limited, each person for themselves (attack 79)', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('session_elevation_start', 1000);
    expect((await gateway.ask('POST', PATH, { session: await gateway.session.signedIn('bob') })).status).toBe(429);
    expect(gateway.limited.at(-1)).toBe('session_elevation_start 203.0.113.7 bob');
  });

  it('is for people who are signed in', async () => {
    const limited = gateway.limited.length;
    expect([(await gateway.ask('POST', PATH)).status, gateway.limited.length]).toEqual([403, limited]);
  });
});

describe('PUT', () => {
  const enter = (otc: unknown, session?: string, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
    gateway.ask('PUT', PATH, { json: { otc }, session, ...(headers === undefined ? {} : { headers }) });

  it('with the mailed code elevates at this address, under a new id', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await enter(`  ${MAILED.toLowerCase()} `, session);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    const record = gateway.session.records.get(cookieOf(answer) ?? '');
    expect(record?.elevation).toMatchObject({ ip: HERE });
    expect(gateway.session.records.has(session)).toBe(false);
  });

  it('with a wrong one is 403, and nothing changes', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await enter('AAAAAAAA', session);
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([403, { status: 'KO', message: 'Operation failed.' }, undefined]);
    expect(gateway.session.records.get(session)?.elevation).toBeNull();
  });

  it.each(['', '   ', 'A'.repeat(21), 'A'.repeat(300), 12345678, null])('with %j is 400, and no try (attack 79)', async (otc) => {
    const tries = gateway.identity.asked('finishElevation').length;
    expect((await enter(otc, await gateway.session.signedIn('bob'))).status).toBe(400);
    expect(gateway.identity.asked('finishElevation')).toHaveLength(tries);
  });

  it('tells identity where it was entered', async () => {
    await enter(MAILED, await gateway.session.signedIn('bob', 1, { handle: 'h' }), { ...PROXY, 'X-Forwarded-For': '2001:DB8::1' });
    expect(gateway.identity.asked('finishElevation').at(-1)).toEqual({ username: 'bob', handle: 'h', ip: '2001:db8::1', code: MAILED });
  });

  it('is for people who are signed in', async () => {
    expect((await enter(MAILED)).status).toBe(403);
  });
});

describe('DELETE', () => {
  it('ends a code, by whoever holds its link', async () => {
    expect((await gateway.ask('DELETE', `${PATH}/a-delete-id`)).json).toEqual({ status: 'OK' });
  });

  it.each(['AAAAAAAAAAAAAAAAAAAAAA', '!!!!', '%00', 'a'.repeat(100)])('of %s fails', async (id) => {
    const answer = await gateway.ask('DELETE', `${PATH}/${id}`);
    expect([answer.status, answer.json]).toEqual([200, { status: 'KO', message: 'Operation failed.' }]);
  });
});
