import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRpcClient, type Client } from './index.js';
import { craft, gate, names, probe, submitCrafted, World } from './world.fixture.js';

let world: World;
let client: Client<typeof probe>;
beforeEach(async () => {
  world = await World.start();
  client = createRpcClient(probe, world.connect('asker'));
});
afterEach(() => world.close());

const answered = (text: string): Promise<boolean> =>
  client.echo({ text }).then(
    () => true,
    () => false,
  );

describe('Redis that forgot everything', () => {
  it('serves the very next request after FLUSHALL', async () => {
    await world.replica();
    const redis = await world.raw();
    for (let i = 0; i < 5; i += 1) {
      await redis.flushall();
      expect(await client.echo({ text: String(i) })).toEqual({ text: String(i) });
    }
  });

  it('and its scripts serves the very next request', async () => {
    await world.replica();
    await client.echo({ text: 'a' });
    const redis = await world.raw();
    await redis.flushall();
    await redis.script('FLUSH');
    expect(await client.echo({ text: 'b' })).toEqual({ text: 'b' });
  });

  it('does not stop a request that is being handled', async () => {
    const door = gate();
    let working = false;
    const echo = async ({ text }: { text: string }): Promise<{ text: string }> => {
      working = true;
      await door.opened;
      return { text };
    };
    await world.replica({ echo });
    const call = client.echo({ text: 'a' });
    await eventually('it is handled', () => working);
    await (await world.raw()).flushall();
    door.open();
    expect(await call).toEqual({ text: 'a' });
  });

  it('and was restarted serves again, without anyone else being restarted', async () => {
    await world.replica();
    expect(await answered('a')).toBe(true);
    await world.redis.restart();
    await eventually('an answer', () => answered('b'));
  });
});

it('connections that are cut are made again', async () => {
  await world.replica();
  const redis = await world.raw();
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually('an answer', () => answered('a'));
});

it('a request whose wake-up was lost is found', async () => {
  const handled: string[] = [];
  const { connection } = await world.replica({ echo: ({ text }) => (handled.push(text), { text }) });
  await connection.ready(1000);
  const redis = await world.raw();
  // Somebody must hear the wake-up, or the request is refused: here it is the wrong one.
  const elsewhere = names.event('elsewhere');
  const listener = redis.duplicate();
  await listener.connect().catch(() => undefined);
  await eventually('a listener', () => listener.subscribe(elsewhere).catch(() => null));
  expect(await submitCrafted(redis, craft(Date.now(), { say: 'found' }), elsewhere)).toBe('accepted');
  await eventually('it is handled', () => handled.includes('found'));
  listener.disconnect();
});

it('a Redis that is full still carries requests: ending a session must go on', async () => {
  await world.replica();
  await client.echo({ text: 'a' });
  const redis = await world.raw();
  await redis.config('SET', 'maxmemory', '1');
  await expect(redis.set('k', 'v')).rejects.toThrow('OOM');
  expect(await client.echo({ text: 'b' })).toEqual({ text: 'b' });
});

describe('a replica that is told to stop', () => {
  it('takes no more, answers what it has, and leaves the rest to the others', async () => {
    const door = gate();
    const handled: string[] = [];
    const echo = async ({ text }: { text: string }): Promise<{ text: string }> => {
      handled.push(text);
      await door.opened;
      return { text };
    };
    const leaving = await world.replica({ echo });
    const own = client.echo({ text: 'own' });
    await eventually('it is handled', () => handled.length === 1);
    const closed = leaving.server.close();
    const redis = await world.raw();
    await eventually('it has left', async () => (await redis.zcard(names.alive('probe.v1.echo'))) === 0);

    await expect(client.echo({ text: 'nobody' })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
    await world.replica();
    expect(await client.echo({ text: 'other' })).toEqual({ text: 'other' });
    door.open();
    expect(await own).toEqual({ text: 'own' });
    await closed;
    expect(handled).toEqual(['own']);
  });

  it('does not wait for ever for a handler that never ends', async () => {
    const door = gate();
    let working = false;
    const echo = (): Promise<unknown> => {
      working = true;
      return door.opened;
    };
    const { server } = await world.replica({ echo }, { drainMs: 50 });
    const call = client.echo({ text: 'a' }, { timeoutMs: 1000 }).catch(() => undefined);
    await eventually('it is handled', () => working);
    await server.close();
    door.open();
    await call;
  });

  it('stops also while Redis is away', async () => {
    const { server } = await world.replica();
    await world.redis.crash();
    await server.close();
  });
});
