import { beforeAll, expect, it } from 'vitest';
import { client, type Client, describeWith, http, totp, until } from '../support/index.js';
import {
  accepted,
  freshAddress,
  identityOf,
  levelOf,
  mailedCode,
  passwordOf,
  PORTAL_HOST,
  persons,
  resetMail,
  startWorld,
  tryPassword,
  verifyRequest,
  type World,
} from './world.js';

const APP = 'https://app.example.com/';
const REGISTER = '/api/secondfactor/totp/register';
const ELEVATION = '/api/user/session/elevation';
const crowd = Array.from({ length: 200 }, (_, index) => `crowd-${index}`);

/** Every service twice, on one users file and one store: the gateways are asked in turn. */
describeWith(['redis'], 'many at once, across two replicas of every service', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      people: persons('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', ...crowd),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'identity', 'session', 'session', 'notifier', 'notifier'],
    });
  });

  const verifies = (who: Client, count = 64) =>
    Array.from({ length: count }, (_, index) => http(world.portcullis.gateways[index % 2]!, verifyRequest(APP, { as: who })));
  const statuses = async (answers: readonly Promise<{ readonly status: number }>[]) =>
    new Set((await Promise.all(answers)).map(({ status }) => status));
  const elevate = async (who: Client, name: string) => {
    await accepted(who.send(ELEVATION, { method: 'PUT', body: { otc: await mailedCode(world, who, name) } }));
  };
  const enrol = async (who: Client, name: string): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> => {
    await elevate(who, name);
    const begun = await accepted(who.send(REGISTER, { method: 'PUT', body: { algorithm: 'SHA1', length: 6, period: 30 } }));
    const { base32_secret: secret } = begun.json().data as { base32_secret: string };
    const done = await accepted(who.post(REGISTER, { token: totp(secret) }));
    return { secret, recoveryCodes: (done.json().data as { recovery_codes: readonly string[] }).recovery_codes };
  };
  /** The same browser at one gateway or the other. */
  const at = (index: number, who: Client, ip = freshAddress()): Client =>
    client(world.portcullis.gateways[index % 2]!, { host: PORTAL_HOST, ip }, new Map(who.cookies));

  it('attack 65: two hundred who sign in at once are each themselves', async () => {
    await Promise.all(
      crowd.map(async (name) => {
        const who = world.visitor(freshAddress());
        await until(
          async () => {
            const { status } = await tryPassword(who, name, passwordOf(name));
            expect([200, 503]).toContain(status);
            return status === 200;
          },
          { timeoutMs: 30_000, what: `${name} to sign in` },
        );
        for (const answer of await Promise.all(verifies(who, 2))) expect(identityOf(answer)[0]).toBe(name);
      }),
    );
  });

  it('attack 39: of fifty who enter one code at once, one is let through', async () => {
    const { secret } = await enrol(await world.signIn('r1'), 'r1');
    const sessions = await Promise.all(Array.from({ length: 5 }, () => world.signIn('r1')));
    const token = totp(secret, 1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => at(index, sessions[index % 5]!).post('/api/secondfactor/totp', { token })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 403, 429, 503]).toContain(status);
  });

  it('attack 42: of fifty who use one link, or one mailed code, at both gateways, one is let through', async () => {
    const { token } = await resetMail(world, 'r2');
    const people = Array.from({ length: 50 }, (_, index) => at(index, world.visitor()));
    await Promise.all(people.map((who) => who.post('/api/reset-password/identity/finish', { token })));
    expect(people.filter((who) => who.cookies.has('portcullis_reset'))).toHaveLength(1);

    const address = freshAddress();
    const who = await world.signIn('r3', address);
    const otc = await mailedCode(world, who, 'r3');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => at(index, who, address).send(ELEVATION, { method: 'PUT', body: { otc } })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('attack 42: of fifty who enter one recovery code, in five sessions and at both gateways, one is let through', async () => {
    const { recoveryCodes } = await enrol(await world.signIn('r6'), 'r6');
    const sessions = await Promise.all(Array.from({ length: 5 }, () => world.signIn('r6')));
    const tries = Array.from({ length: 50 }, (_, index) => at(index, sessions[index % 5]!));
    const answers = await Promise.all(tries.map((who) => who.post('/api/secondfactor/recovery-code', { code: recoveryCodes[0]! })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 403, 429, 503]).toContain(status);
    const levels = await Promise.all(tries.map(levelOf));
    expect(levels.filter((level) => level === 2)).toHaveLength(1);
  });

  it('attack 46: who signs out at one gateway while sixty-four verifies run at both is signed out at both', async () => {
    const who = await world.signIn('r7');
    const before = who.copy();
    const [answer, during] = await Promise.all([at(1, who).post('/api/logout'), statuses(verifies(before))]);
    expect(answer.status).toBe(200);
    expect([...during].filter((status) => ![200, 302].includes(status))).toEqual([]);
    await until(async () => [...(await statuses(verifies(before, 2)))].join() === '302', { timeoutMs: 1000, everyMs: 5, what: 'both to know' });
    expect(await statuses(verifies(before))).toEqual(new Set([302]));
    expect(await levelOf(before)).toBe(0);
  });

  it('attack 46, 48: a sign-out, an elevation and a revocation that race with verifies stand', async () => {
    const who = await world.signIn('r4');
    const before = who.copy();
    const [, during] = await Promise.all([elevate(who, 'r4'), statuses(verifies(before))]);
    expect([...during].filter((status) => ![200, 302].includes(status))).toEqual([]);
    expect((await who.get(ELEVATION)).json().data.elevated).toBe(true);
    await until(async () => [...(await statuses(verifies(before, 2)))].join() === '302', {
      timeoutMs: 1000,
      everyMs: 5,
      what: 'the id before to be dead',
    });

    const [revoked] = await Promise.all([world.portcullis.cli('sessions', 'revoke-all', 'r4'), statuses(verifies(who))]);
    expect(revoked.code).toBe(0);
    await until(async () => [...(await statuses(verifies(who, 2)))].join() === '302', {
      timeoutMs: 1000,
      everyMs: 5,
      what: 'it to be dead everywhere',
    });
    expect(await statuses(verifies(who))).toEqual(new Set([302]));
  });

  it('attack 49: a new password that races with verifies ends every other session', async () => {
    const [who, other] = [await world.signIn('r5'), await world.signIn('r5')];
    await elevate(who, 'r5');
    const change = who.post('/api/change-password', { old_password: passwordOf('r5'), new_password: 'Another-Pass:word-2' });
    const [changed] = await Promise.all([change, statuses(verifies(other)), statuses(verifies(who.copy()))]);
    expect(changed.status).toBe(200);
    await until(async () => [...(await statuses(verifies(other, 2)))].join() === '302', {
      timeoutMs: 1000,
      everyMs: 5,
      what: 'the other session to be dead',
    });
    expect(await levelOf(who)).toBe(1);
    expect((await tryPassword(world.visitor(), 'r5', passwordOf('r5'))).status).toBe(401);
    expect((await tryPassword(world.visitor(), 'r5', 'Another-Pass:word-2')).status).toBe(200);
  });
});
