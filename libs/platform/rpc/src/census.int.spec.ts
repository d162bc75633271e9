import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerCensus, takeCensus } from './index.js';
import { World } from './world.fixture.js';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

const about = (instance: string) => () => ({
  service: 'identity',
  instance,
  host: 'here',
  pid: 1,
  version: '1.0.0',
  sinceMs: 5,
  ready: instance === 'identity',
  reasons: instance === 'identity' ? [] : ['Redis does not answer'],
  hash: 'abc',
});

it('every process that is there answers, as it is at that moment', async () => {
  for (const name of ['identity', 'identity-2']) {
    const connection = world.connect(name);
    await connection.ready(5000);
    await answerCensus(connection, about(name));
  }
  const asking = world.connect('cli');
  await asking.ready(5000);
  const found = await takeCensus(asking, 1000);
  expect(found.toSorted((a, b) => a.instance.localeCompare(b.instance))).toEqual([about('identity')(), about('identity-2')()]);
});

it('nobody answers where nobody is', async () => {
  const asking = world.connect('cli');
  await asking.ready(5000);
  expect(await takeCensus(asking, 200)).toEqual([]);
});
