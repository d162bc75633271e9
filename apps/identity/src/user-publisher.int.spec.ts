import { writeFileSync } from 'node:fs';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '@portcullis/platform-sql';
import { UserPublisher } from './user-publisher.js';
import { CHEAP, SECRET, openWorld, type World } from './world.fixture.js';

let world: World;
let text: string;

beforeEach(async () => {
  world = await openWorld(
    async (digestOf) => `users:
  bob: { displayname: Bob, groups: [dev], password: "${await digestOf('bob')}" }
  eve: { displayname: Eve, password: "${await digestOf('eve')}" }
`,
  );
  world.file.onChange(() => {
    world.publisher.changed();
  });
  text = world.usersText();
});
afterEach(() => world.close());

const said = async (count: number): Promise<readonly string[]> => {
  await eventually(`${count} calls`, () => world.sessions.calls.length >= count);
  return world.sessions.calls;
};
/** Everybody is told of once, as at the first start. */
async function started(): Promise<void> {
  world.publisher.start();
  await said(2);
  await eventually('the rows', async () => (await rows()).length === 2);
  world.sessions.calls.length = 0;
}
const rows = () => world.db.selectFrom('published_users').selectAll().orderBy('username').execute();
function edit(to: string): void {
  writeFileSync(world.usersPath, to);
  world.file.reload();
}

it('tells of everybody at the first start', async () => {
  world.publisher.start();
  expect([...(await said(2))].sort()).toEqual(['refresh bob: Bob dev', 'refresh eve: Eve']);
});

describe('after an edit', () => {
  beforeEach(started);

  it('tells of whoever got another name, address or group, and of nobody else', async () => {
    edit(text.replace('[dev]', '[dev, ops]'));
    expect(await said(1)).toEqual(['refresh bob: Bob dev ops']);
  });

  it.each([
    ['disabled', (file: string) => file.replace('displayname: Eve', 'displayname: Eve, disabled: true')],
    ['removed', (file: string) => file.replace(/ {2}eve.*\n/u, '')],
  ])('sessions of a user who is %s end', async (_, change) => {
    edit(change(text));
    expect(await said(1)).toEqual(['refresh eve: gone']);
    await eventually('the row is gone', async () => (await rows()).length === 1);
    edit(text);
    expect(await said(2)).toEqual(['refresh eve: gone', 'refresh eve: Eve']);
  });

  it('sessions end when the file got another password for somebody', async () => {
    edit(text.replace(/(eve.*password: ")[^"]+/u, `$1${(await world.digests.make(CHEAP, 'new')).replaceAll('$', '$$$$')}`));
    expect(await said(2)).toEqual(['end eve but none: password_changed', 'refresh eve: Eve']);
  });

  it('tells again until the session service answers', async () => {
    world.sessions.away = true;
    edit(text.replace('[dev]', '[ops]'));
    await eventually('the failure is logged', async () => (await world.logged()).some((line) => line.includes('do not follow the users file yet')));
    world.sessions.away = false;
    expect(await said(1)).toEqual(['refresh bob: Bob ops']);
  });

  it('tells once more when sign-ins that were under way are over', async () => {
    edit(text.replace('[dev]', '[ops]'));
    await said(1);
    await eventually('it was said twice', () => {
      world.clock.nowMs += 4000;
      world.publisher.changed();
      return world.sessions.calls.length >= 2;
    });
    expect(world.sessions.calls.slice(0, 2)).toEqual(['refresh bob: Bob ops', 'refresh bob: Bob ops']);
  });

  it('a service that was down finds what changed meanwhile', async () => {
    await world.publisher.close();
    writeFileSync(world.usersPath, text.replace('[dev]', '[ops]'));
    world.file.reload();
    const next = new UserPublisher({ ...world, secret: SECRET });
    next.start();
    expect(await said(1)).toEqual(['refresh bob: Bob ops']);
    await next.close();
  });
});

describe('a password set through the portal', () => {
  beforeEach(started);

  const claim = async (): Promise<void> => {
    const digest = await world.digests.make(CHEAP, 'new');
    await inTransaction(world.db, async (trx) => {
      await world.publisher.claimEnding(trx, 'bob', digest);
      expect(await world.file.setDigest(world.db, 'bob', digest, null)).toBe('written');
    });
  };

  it('is left to the request that set it', async () => {
    await claim();
    await world.publisher.settleEnding('bob', true);
    edit(world.usersText().replace('displayname: Eve', 'displayname: Evelyn'));
    expect(await said(1)).toEqual(['refresh eve: Evelyn']);
    expect(await rows()).toMatchObject([{ username: 'bob', end_due_ms: null }, { username: 'eve' }]);
  });

  it('ends the sessions by itself where that request failed', async () => {
    await claim();
    await world.publisher.settleEnding('bob', false);
    expect(await said(2)).toEqual(['end bob but none: password_changed', 'refresh bob: Bob dev']);
    await eventually('it is settled', async () => (await rows())[0]?.end_due_ms === null);
  });

  it('ends the sessions by itself where that process died', async () => {
    await claim();
    world.clock.nowMs += 20_000;
    world.publisher.changed();
    expect(await said(2)).toEqual(['end bob but none: password_changed', 'refresh bob: Bob dev']);
  });

  it('that another process disabled somebody is known too', async () => {
    const eve = world.file.directory.byName('eve')!;
    await world.db.deleteFrom('published_users').where('username', '=', 'eve').execute();
    expect(await world.publisher.knows(eve)).toBe(false);
  });

  it('is known to another process as soon as it is written', async () => {
    const before = world.file.directory.byName('bob')!;
    expect(await world.publisher.knows(before)).toBe(true);
    await claim();
    expect(await world.publisher.knows(before)).toBe(false);
    expect(await world.publisher.knows(world.file.directory.byName('bob')!)).toBe(true);
  });
});
