import { connectRedis, waitUntilReady } from '@portcullis/platform-redis';
import { eventually, startRedisServer } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { GateWorld, KEYS, recordOf, runIdOf } from './sessions.fixture.js';

let world: GateWorld;
afterEach(async () => {
  await world.close();
});

describe('a session that was read', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.write('the id', recordOf('alice'));
    await world.remember('the id');
  });

  it('is served without a word to Redis', async () => {
    const redis = await world.beside();
    const reads = async (): Promise<string | undefined> => /cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
    const before = await reads();
    for (let i = 0; i < 100; i++) expect(world.find('the id')).toMatchObject({ subject: { username: 'alice' } });
    expect(await reads()).toBe(before);
  });

  it('is forgotten when somebody deletes its key by hand (attack 48)', async () => {
    await world.remove('the id');
    await eventually('it is nobody’s', async () => (await world.whose('the id')) === 'nobody');
  });

  it('makes a hit of every look after the first', async () => {
    const { hits, misses } = world.sessions.look().lookups;
    await world.find('the id');
    await world.find('an id that nobody has');
    expect(world.sessions.look()).toMatchObject({ lookups: { hits: hits + 1, misses: misses + 1 }, coherent: true, kept: 1 });
  });

  it('and how long a change takes to reach it is measured', async () => {
    await eventually('a lag was measured', () => world.lags.length > 0);
    expect(world.lags.every((seconds) => seconds > 0)).toBe(true);
  });

  it('is read again when its record changes', async () => {
    await world.write('the id', recordOf('alice', { totpAtMs: Date.now() }));
    await eventually('two factors', async () => (await world.find('the id'))?.level === 2);
  });

  it('is forgotten at FLUSHALL, and nobody is told to sign in before the endings are replayed', async () => {
    await (await world.beside()).flushall();
    await eventually('it cannot be told', async () => (await world.whose('the id')) === 'unavailable');
    expect(world.isRemembered('the id')).toBe(false);
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('nobody');
  });

  it('is forgotten at FLUSHDB', async () => {
    await (await world.beside()).flushdb();
    await eventually('it is forgotten', () => !world.isRemembered('the id'));
  });

  it('is left alone when another one changes', async () => {
    await world.write('another id', recordOf('bob'));
    await world.remember('another id');
    await world.remove('another id');
    await eventually('the other is nobody’s', async () => (await world.whose('another id')) === 'nobody');
    expect(world.isRemembered('the id')).toBe(true);
  });
});

describe('that there is no session', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.remember('the id');
  });

  it('is remembered too, until there is one', async () => {
    expect(await world.whose('the id')).toBe('nobody');
    await world.write('the id', recordOf('alice'));
    await eventually('it is alice’s', async () => (await world.whose('the id')) === 'alice');
  });
});

describe('a Redis that is killed', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.write('the id', recordOf('alice'));
    await world.remember('the id');
    await world.server.crash();
    await world.untilClosed();
  });

  it('signs nobody out and lets nobody in', async () => {
    expect(await world.whose('the id')).toBe('unavailable');
    expect(world.sessions.problems()).toEqual(['sessions cannot be read from Redis']);
  });

  it('serves nothing of before when it comes back empty', async () => {
    await world.server.restart();
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('nobody');
  });

  it('counts only after the endings were replayed into it, also where its data came back', async () => {
    await world.server.restart();
    await world.write('the id', recordOf('alice'));
    await world.setEpoch('0123456789abcdef0123456789abcdef01234567');
    await eventually('both are connected', () => world.reader.status === 'ready' && world.channel.status === 'ready');
    expect(await world.whose('the id')).toBe('unavailable');
    expect(world.isCoherent()).toBe(false);
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
  });

  it('is told once, and once that it is back', async () => {
    await world.server.restart();
    await world.setEpoch();
    await world.untilCoherent();
    const told = world.log.lines.filter((line) => line.includes('served from memory'));
    expect(told.map((line) => line.includes('not served'))).toEqual([false, true, false]);
  });
});

describe('a Redis that is frozen', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.write('the id', recordOf('alice'));
    await world.remember('the id');
    world.server.freeze();
    await world.untilClosed();
  });

  it('is not believed any more, though it closed no connection', async () => {
    expect(world.isRemembered('the id')).toBe(false);
    expect(await world.whose('the id')).toBe('unavailable');
  });

  it('is believed again when it moves', async () => {
    world.server.thaw();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
  });
});

describe('a connection that is lost alone', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent();
    await world.write('the id', recordOf('alice'));
    await world.remember('the id');
  });

  async function kill(name: string): Promise<void> {
    const redis = await world.beside();
    const list = (await redis.client('LIST')) as string;
    const id = new RegExp(`^id=(\\d+) .* name=${name} `, 'm').exec(list)?.[1] ?? '';
    await redis.call('CLIENT', 'KILL', 'ID', id);
    await world.untilClosed();
  }

  it('is made again with tracking, when it is the invalidation channel', async () => {
    await kill('channel');
    await world.remove('the id');
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('nobody');

    await world.write('the id', recordOf('bob'));
    await eventually('it is bob’s', async () => (await world.whose('the id')) === 'bob');
    await world.remember('the id');
    await world.remove('the id');
    await eventually('it is nobody’s', async () => (await world.whose('the id')) === 'nobody');
  });

  it('is made again when it is the one that reads', async () => {
    await kill('reader');
    await world.remove('the id');
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('nobody');
  });

  it('does not keep sessions from being read, while it is the invalidation channel', async () => {
    world.channel.disconnect();
    await world.untilClosed();
    expect(await world.whose('the id')).toBe('alice');
    expect(world.isRemembered('the id')).toBe(false);
    await world.remove('the id');
    expect(await world.whose('the id')).toBe('nobody');
  });
});

describe('the epoch', () => {
  beforeEach(async () => {
    world = await GateWorld.open(await startRedisServer());
    await world.write('the id', recordOf('alice'));
  });

  it('that is missing means that nobody can be told from anybody', async () => {
    expect(await world.whose('the id')).toBe('unavailable');
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
  });

  it('of another Redis means the same', async () => {
    await world.setEpoch('0123456789abcdef0123456789abcdef01234567');
    expect(await world.whose('the id')).toBe('unavailable');
  });

  it.each([
    ['deleted', (redis: Awaited<ReturnType<GateWorld['beside']>>) => redis.del(KEYS.epoch)],
    ['set to another', (redis: Awaited<ReturnType<GateWorld['beside']>>) => redis.set(KEYS.epoch, 'another')],
  ])('that is %s while the gate runs closes it', async (_, change) => {
    await world.setEpoch();
    await world.untilCoherent();
    await world.remember('the id');
    await change(await world.beside());
    await eventually('it cannot be told', async () => (await world.whose('the id')) === 'unavailable');
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
  });
});

it('a session of another domain is ended through the session service', async () => {
  world = await GateWorld.coherent();
  await world.write('the id', recordOf('alice', { domain: 'other.test' }));
  expect(await world.whose('the id')).toBe('nobody');
  expect(world.ended).toEqual([['the id', 'moved_domain']]);
});

it('reads and invalidations from two different Redis processes are never taken together', async () => {
  const other = await startRedisServer();
  onTestFinished(() => other.stop());
  world = await GateWorld.open(await startRedisServer(), other);
  await world.setEpoch();
  await world.write('the id', recordOf('alice'));
  await eventually('sessions are read', async () => (await world.whose('the id')) === 'alice');
  // Ten pings of the channel, more than it takes to judge again.
  const redis = connectRedis(other.settings, { name: 'beside', role: 'commands' });
  onTestFinished(() => {
    redis.disconnect();
  });
  await waitUntilReady(redis, 10_000);
  await eventually('the channel was looked at', async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0) > 3);
  expect([world.isCoherent(), world.isRemembered('the id')]).toEqual([false, false]);
});

it('a replica is not believed', async () => {
  const master = await startRedisServer();
  onTestFinished(() => master.stop());
  world = await GateWorld.open(await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(master.port), '--replica-read-only', 'no'] }));
  await world.write('the id', recordOf('alice'));
  await (await world.beside()).set(KEYS.epoch, await runIdOf(await world.beside()));
  await eventually('it is connected', () => world.reader.status === 'ready');
  expect([await world.whose('the id'), world.isCoherent()]).toEqual(['unavailable', false]);
});

it('a Redis that is full does not keep a gateway from starting', async () => {
  const server = await startRedisServer();
  const redis = connectRedis(server.settings, { name: 'beside', role: 'commands' });
  onTestFinished(() => {
    redis.disconnect();
  });
  await waitUntilReady(redis, 10_000);
  await redis.set(KEYS.epoch, await runIdOf(redis));
  await redis.config('SET', 'maxmemory', '1');
  world = await GateWorld.open(server);
  await world.untilCoherent();
});

describe('a master that has lost its replicas', () => {
  const REPLICAS = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1'];

  it('is not believed where it must have some, for another may have taken its place', async () => {
    const server = await startRedisServer({ args: [...REPLICAS, '--repl-diskless-sync-delay', '0'] });
    const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
    onTestFinished(() => replica.stop());
    world = await GateWorld.open(server);
    await eventually('a replica is in step', async () => (await (await world.beside()).info('replication')).includes('min_slaves_good_slaves:1'));
    await world.write('the id', recordOf('alice'));
    await world.setEpoch();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
    await world.remember('the id');

    replica.freeze();
    await eventually('it cannot be told', async () => (await world.whose('the id')) === 'unavailable');
    expect(world.isRemembered('the id')).toBe(false);

    replica.thaw();
    await world.untilCoherent();
    expect(await world.whose('the id')).toBe('alice');
  });
});

describe('with session.redis_outage: serve_cached', () => {
  beforeEach(async () => {
    world = await GateWorld.coherent(true);
    for (const [id, name] of [
      ['the id', 'alice'],
      ['another id', 'bob'],
    ] as const) {
      await world.write(id, recordOf(name));
      await world.remember(id);
    }
  });
  const away = async (): Promise<void> => {
    await world.server.crash();
    await world.untilClosed();
  };

  it('people are who they were, for a minute after Redis last answered', async () => {
    await away();
    expect([await world.whose('the id'), world.sessions.problems()]).toEqual(['alice', []]);
    world.laterMs = 50_000;
    expect(await world.whose('the id')).toBe('alice');
    world.laterMs = 60_001;
    expect(await world.whose('the id')).toBe('unavailable');
    expect(world.sessions.problems()).toEqual(['sessions cannot be read from Redis']);
  });

  it('so they are while Redis stands still', async () => {
    world.server.freeze();
    await world.untilClosed();
    expect(await world.whose('the id')).toBe('alice');
  });

  it('somebody the gateway does not know is told to come back', async () => {
    await away();
    expect(await world.whose('a third id')).toBe('unavailable');
  });

  it('a session that was seen to end before stays ended', async () => {
    await world.remove('the id');
    await eventually('it is nobody’s', async () => (await world.whose('the id')) === 'nobody');
    await away();
    expect([await world.whose('the id'), await world.whose('another id')]).toEqual(['unavailable', 'bob']);
  });

  it('who signs out meanwhile is out, whatever came of it', async () => {
    await away();
    world.sessions.gate.forget('the id');
    expect([await world.whose('the id'), await world.whose('another id')]).toEqual(['unavailable', 'bob']);
  });

  it('nothing of before counts once another Redis answers, though its endings are not replayed yet, nor when that goes again', async () => {
    await away();
    await world.server.restart();
    await eventually('both are connected', () => world.reader.status === 'ready' && world.channel.status === 'ready');
    await eventually('it cannot be told', async () => (await world.whose('the id')) === 'unavailable');
    await eventually('the gate has looked at it', () => world.sessions.problems().length > 0);
    await world.server.crash();
    await eventually('it is gone again', () => world.reader.status !== 'ready');
    expect(await world.whose('the id')).toBe('unavailable');
  });

  it('nothing of before counts after FLUSHALL', async () => {
    await (await world.beside()).flushall();
    await world.untilClosed();
    await world.server.crash();
    await eventually('it is gone', () => world.reader.status !== 'ready');
    expect(await world.whose('the id')).toBe('unavailable');
  });
});
