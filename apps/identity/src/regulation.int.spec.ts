import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTransaction } from '@portcullis/platform-sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from './database.js';
import { locationIn } from './store-kind.fixture.js';
import { Regulation, type Earned, type RegulationSettings, type Try } from './regulation.js';

const SETTINGS: RegulationSettings = { modes: ['user'], maxRetries: 3, findTimeMs: 120_000, banTimeMs: 300_000 };
const START = 1_800_000_000_000;
const HOME = '192.0.2.1';
const ELSEWHERE = '203.0.113.9';

let directory: string;
let db: Database;
let nowMs: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'regulation-'));
  db = await openDatabase(await locationIn(directory));
  nowMs = START;
});
afterEach(async () => {
  await db.destroy();
  rmSync(directory, { recursive: true });
});

/** Tries as the service does: is there a ban, then the row and what it earns. Answers what the person gets. */
function world(settings: Partial<RegulationSettings> = {}) {
  const regulation = new Regulation({ ...SETTINGS, ...settings });
  const tries = async (tried: Try, right: boolean): Promise<{ let: boolean; bans: readonly Earned[] }> => {
    nowMs += 1000;
    return inTransaction(db, async (trx) => {
      const refusal = await regulation.refusal(trx, tried, nowMs);
      const bans = await regulation.record(trx, tried, right && refusal === null, refusal, nowMs);
      return { let: right && refusal === null, bans };
    });
  };
  const password = (username: string, right: boolean, remoteIp = HOME) =>
    tries({ factor: '1FA', username, remoteIp, method: 'POST', path: '/api/firstfactor' }, right);
  const code = (username: string, right: boolean, remoteIp = HOME) =>
    tries({ factor: 'TOTP', username, remoteIp, method: 'POST', path: '/api/secondfactor/totp' }, right);
  return { regulation, password, code };
}

const rows = () => db.selectFrom('authentication_logs').selectAll().orderBy('id').execute();
const bans = () => db.selectFrom('bans').selectAll().orderBy('id').execute();

describe('wrong passwords of a user', () => {
  it('ban at the third, so that the fourth try is refused even when right', async () => {
    const { password } = world();
    expect((await password('bob', false)).bans).toEqual([]);
    expect((await password('bob', false)).bans).toEqual([]);
    expect((await password('bob', false)).bans).toEqual([{ kind: 'user', subject: 'bob', untilMs: nowMs + 300_000 }]);
    expect((await password('bob', true)).let).toBe(false);
    expect((await password('eve', true)).let).toBe(true);
    expect((await rows()).map(({ successful, banned }) => [successful, banned])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('are forgotten after find_time and after a success, and a ban ends by itself', async () => {
    const { password } = world();
    await password('bob', false);
    await password('bob', false);
    nowMs += 120_000;
    expect((await password('bob', false)).bans).toEqual([]);
    await password('bob', false);
    await password('bob', true);
    await password('bob', false);
    expect((await password('bob', false)).bans).toEqual([]);
    expect((await password('bob', false, ELSEWHERE)).bans).toHaveLength(1);
    nowMs += 300_000;
    expect((await password('bob', true)).let).toBe(true);
  });

  it('while banned neither count nor lengthen the ban', async () => {
    const { password } = world();
    for (let tries = 0; tries < 3; tries += 1) await password('bob', false);
    for (let tries = 0; tries < 5; tries += 1) expect((await password('bob', false)).bans).toEqual([]);
    expect(await bans()).toHaveLength(1);
  });

  it('side by side get no more chances than one after another', async () => {
    const { password } = world();
    await Promise.all(Array.from({ length: 20 }, () => password('bob', false)));
    expect((await rows()).filter(({ banned }) => banned === 0)).toHaveLength(3);
    expect(await bans()).toHaveLength(1);
    expect((await password('bob', true)).let).toBe(false);
  });

  it('never ban with max_retries 0', async () => {
    const { password } = world({ maxRetries: 0, modes: ['user', 'ip'] });
    for (let tries = 0; tries < 10; tries += 1) await password('bob', false);
    expect((await password('bob', true)).let).toBe(true);
  });

  it('ban strangers, but not the person where they signed in before', async () => {
    const { password } = world();
    await password('bob', true, HOME);
    for (let tries = 0; tries < 3; tries += 1) await password('bob', false, ELSEWHERE);
    expect((await password('bob', true, ELSEWHERE)).let).toBe(false);
    expect((await password('bob', true, HOME)).let).toBe(true);
    for (let tries = 0; tries < 3; tries += 1) await password('bob', false, HOME);
    expect((await password('bob', true, HOME)).let).toBe(false);
  });
});

describe('by address', () => {
  it('names nobody has count too, and an address is banned under its canonical form', async () => {
    const { password } = world({ modes: ['ip'] });
    await password('', false, '2001:db8:1:2::1');
    await password('bob', false, '2001:db8:1:2::2');
    expect((await password('', false, '2001:DB8:1:2:3::3')).bans).toEqual([{ kind: 'ip', subject: '2001:db8:1:2::/64', untilMs: nowMs + 300_000 }]);
    expect((await password('carol', true, '2001:db8:1:2::4')).let).toBe(false);
    expect((await password('carol', true, '2001:db8:1:3::4')).let).toBe(true);
  });

  it('names nobody has ban no user', async () => {
    const { password } = world({ modes: ['user', 'ip'] });
    for (let tries = 0; tries < 300; tries += 1) await password('', false, `10.0.${Math.floor(tries / 250)}.${tries % 250}`);
    expect(await bans()).toEqual([]);
    expect((await password('bob', true)).let).toBe(true);
  });

  it('an IPv4 address is the same when written as IPv6', async () => {
    const { password } = world({ modes: ['ip'] });
    await password('bob', false, '192.0.2.1');
    await password('bob', false, '::ffff:192.0.2.1');
    await password('bob', false, '::FFFF:C000:201');
    expect((await password('bob', true, '192.0.2.1')).let).toBe(false);
  });
});

describe('wrong codes', () => {
  it('ban from the second factor alone, at the tenth in ten minutes', async () => {
    const { password, code } = world();
    for (let tries = 0; tries < 9; tries += 1) expect((await code('bob', false, `10.0.0.${tries}`)).bans).toEqual([]);
    expect((await code('bob', false)).bans).toEqual([{ kind: 'user', subject: 'bob', untilMs: nowMs + 600_000 }]);
    expect((await code('bob', true)).let).toBe(false);
    expect((await password('bob', true)).let).toBe(true);
  });

  it('are cleared by a right one', async () => {
    const { code } = world();
    for (let tries = 0; tries < 9; tries += 1) await code('bob', false);
    await code('bob', true);
    for (let tries = 0; tries < 9; tries += 1) expect((await code('bob', false)).bans).toEqual([]);
  });
});

describe('a reset', () => {
  it('lifts the ban of the password, starts the count anew and leaves the ban of the codes', async () => {
    const { regulation, password, code } = world();
    for (let tries = 0; tries < 3; tries += 1) await password('bob', false);
    for (let tries = 0; tries < 10; tries += 1) await code('bob', false);
    nowMs += 1000;
    await regulation.lift(db, 'bob', HOME, nowMs);
    expect((await password('bob', false)).bans).toEqual([]);
    expect((await password('bob', true)).let).toBe(true);
    expect((await code('bob', true)).let).toBe(false);
  });

  it("leaves an operator's ban", async () => {
    const { regulation, password } = world();
    await db.insertInto('bans').values({ kind: 'user', subject: 'bob', factor: 'any', at_ms: nowMs, source: 'cli' }).execute();
    await regulation.lift(db, 'bob', HOME, nowMs);
    expect((await password('bob', true)).let).toBe(false);
  });
});

it("an operator's ban holds at home, for both factors, and nobody else's", async () => {
  const { password, code } = world();
  await password('bob', true, HOME);
  await db.insertInto('bans').values({ kind: 'user', subject: 'bob', factor: 'any', at_ms: nowMs, source: 'cli' }).execute();
  expect((await password('bob', true, HOME)).let).toBe(false);
  expect((await code('bob', true, HOME)).let).toBe(false);
  expect((await password('Bob', true, HOME)).let).toBe(true);
});

it('attempts are kept as long as any rule looks back', async () => {
  const { regulation, password } = world();
  await password('bob', true);
  nowMs += 29 * 86_400_000;
  await regulation.forgetOld(db, nowMs);
  expect(await rows()).toHaveLength(1);
  nowMs += 2 * 86_400_000;
  await regulation.forgetOld(db, nowMs);
  expect(await rows()).toHaveLength(0);
});
