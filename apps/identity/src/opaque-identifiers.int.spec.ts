import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpaqueIdentifiers } from './opaque-identifiers.js';
import { openWorld, type World } from './world.fixture.js';

const ONE = 'f0919359-9d15-4e15-bcba-83b41620a073';
const TWO = 'b3453fde-ecc2-4a1f-9422-2707ddbed495';
const of = (username: string, identifier: string | null = null, sectorId = '') => ({ service: 'openid', sectorId, username, identifier }) as const;

let world: World;
let identifiers: OpaqueIdentifiers;
beforeEach(async () => {
  world = await openWorld(async (digestOf) => `users: { bob: { displayname: Bob, password: "${await digestOf('bob')}" } }\n`);
  identifiers = new OpaqueIdentifiers(world.db);
});
afterEach(() => world.close());

it('are made once and stay: asked for again, they are left as they are', async () => {
  const first = await identifiers.add({ identifiers: [of('bob'), of('bob', null, 'example.com')], onConflict: 'keep' });
  expect(first).toMatchObject({ outcome: 'added', added: [{ username: 'bob', sectorId: '' }, { sectorId: 'example.com' }], unchanged: 0 });
  const before = await identifiers.list();
  expect(new Set(before.map(({ identifier }) => identifier)).size).toBe(2);
  expect(await identifiers.add({ identifiers: [of('bob'), of('bob', ONE, 'example.com')], onConflict: 'keep' })).toEqual({
    ...{ outcome: 'added', added: [], unchanged: 2 },
  });
  expect(await identifiers.list()).toEqual(before);
});

it('that are there already are never replaced unless that is asked for, and then all are added or none', async () => {
  await identifiers.add({ identifiers: [of('bob', ONE)], onConflict: 'refuse' });
  const again = await identifiers.add({ identifiers: [of('mary'), of('bob', TWO)], onConflict: 'refuse' });
  expect(again).toEqual({ outcome: 'conflict', conflicts: [of('bob', ONE)] });
  expect(await identifiers.list()).toEqual([of('bob', ONE)]);
  expect(await identifiers.add({ identifiers: [of('bob', ONE)], onConflict: 'refuse' })).toEqual({ outcome: 'added', added: [], unchanged: 1 });
  await identifiers.add({ identifiers: [of('bob', TWO)], onConflict: 'replace' });
  expect(await identifiers.list()).toEqual([of('bob', TWO)]);
});

it('one belongs to one person, whatever is asked', async () => {
  await identifiers.add({ identifiers: [of('bob', ONE)], onConflict: 'refuse' });
  expect(await identifiers.add({ identifiers: [of('mary', ONE)], onConflict: 'replace' })).toEqual({
    outcome: 'conflict',
    conflicts: [of('bob', ONE)],
  });
});
