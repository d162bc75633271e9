import { afterAll, beforeAll, expect, it } from 'vitest';
import { purgeSeen } from './housekeeping.js';
import { hashOf } from './session-id.js';
import { KEYS, World, type Replica } from './session-world.fixture.js';

let world: World;
let replica: Replica;
beforeAll(async () => {
  world = await World.open();
  replica = await world.replica();
});
afterAll(() => world.close());

it('takes out of `seen` whoever has no session any more, and nobody else', async () => {
  const hash = hashOf(await replica.signIn('alice'));
  const dead = Array.from({ length: 1200 }, (_, index) => hashOf(`dead ${index}`));
  await replica.redis.zadd(KEYS.seen, ...dead.flatMap((member) => [1, member]), 2, hash);
  expect(await purgeSeen(replica.redis, KEYS)).toBe(1200);
  expect(await replica.redis.zrange(KEYS.seen, 0, '-1')).toEqual([hash]);
  expect(await purgeSeen(replica.redis, KEYS)).toBe(0);
});
