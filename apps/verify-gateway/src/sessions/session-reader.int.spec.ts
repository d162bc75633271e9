import { eventually } from '@portcullis/platform-redis/testing';
import { createKeyRing } from '@portcullis/platform-seal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateWorld, hashOf, KEYS, recordOf } from './sessions.fixture.js';

let world: GateWorld;
afterEach(async () => {
  await world.close();
});

describe('a read under way', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.write('the id', recordOf('alice'));
    await world.write('a mark', recordOf('mark'));
    await world.remember('a mark');
  });

  it('is not remembered when its invalidation overtakes it', async () => {
    world.reader.stream.pause();
    const reading = world.whose('the id');
    // What Redis answered is in the socket; what happens next is told by the other connection first.
    const redis = await world.beside();
    await eventually('the read reached Redis', async () => /name=reader .*cmd=(?:mget|zscore)/.test((await redis.client('LIST')) as string));
    await world.remove('the id');
    await world.remove('a mark');
    await eventually('the later invalidation came', () => !world.isRemembered('a mark'));
    world.reader.stream.resume();
    expect(await reading).toBe('alice');
    expect(await world.whose('the id')).toBe('nobody');
  });

  it('is shared by all who wait for it', async () => {
    const redis = await world.beside();
    const reads = async (): Promise<number> => Number(/cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
    const before = await reads();
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.whose('the id')));
    expect(new Set(answers)).toEqual(new Set(['alice']));
    expect((await reads()) - before).toBe(1);
  });

  it('is one of a bounded number: who comes later is told to come again', async () => {
    world.reader.stream.pause();
    const waiting = Array.from({ length: 512 }, (_, i) => world.whose(`stranger ${i}`));
    expect(await world.whose('one too many')).toBe('unavailable');
    world.reader.stream.resume();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['nobody']));
    expect(await world.whose('one too many')).toBe('nobody');
  });
});

describe('a value that cannot be read', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
  });

  it.each<[string, (key: string) => Buffer | string]>([
    ['is no sealed value', () => 'junk'],
    ['is sealed by another key', (key) => createKeyRing(['another secret'], 'session').seal(Buffer.from(JSON.stringify(recordOf('alice'))), key)],
    ['is sealed for another session', () => world.keys.seal(Buffer.from(JSON.stringify(recordOf('alice'))), KEYS.session(hashOf('another id')))],
    ['is sealed JSON of something else', (key) => world.keys.seal(Buffer.from('{"v":2}'), key)],
  ])('because it %s counts as none, and is named without its id', async (_, value) => {
    const key = KEYS.session(hashOf('the id'));
    await (await world.beside()).set(key, value(key));
    expect(await world.whose('the id')).toBe('nobody');
    const [line] = world.log.lines.filter((each) => each.startsWith('A session cannot be read'));
    expect(line).toContain(hashOf('the id').slice(0, 8));
    expect(line).not.toContain('the id');
  });
});
