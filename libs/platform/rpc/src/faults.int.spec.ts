import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRpcClient, type Client, type RpcConnection } from './index.js';
import { craft, gate, names, probe, submitCrafted, World } from './world.fixture.js';

let world: World;
let asker: RpcConnection;
let client: Client<typeof probe>;
beforeEach(async () => {
  world = await World.start();
  asker = world.connect('asker');
  client = createRpcClient(probe, asker);
});
afterEach(() => world.close());

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'answered',
    (error: unknown) => (error as { code: unknown }).code,
  );

/** A replica whose one narrow place is taken until the door opens; `handled` says what got through. */
async function fullReplica(lane: { maxWaiting?: number; maxWaitMs?: number } = {}) {
  const door = gate();
  const handled: string[] = [];
  const hold = async ({ text }: { text: string }): Promise<{ text: string }> => {
    handled.push(text);
    await door.opened;
    return { text };
  };
  await world.replica({ hold }, { lanes: { narrow: { concurrency: 1, ...lane } } });
  const first = client.hold({ text: 'first' });
  await eventually('the place is taken', () => handled.length === 1);
  return { door, handled, first };
}
const waiting = async (count: number): Promise<void> => {
  const redis = await world.raw();
  await eventually(`${count} wait`, async () => (await redis.llen(names.waiting('probe', 'narrow'))) === count);
};

describe('no answer in time', () => {
  it('is RPC_TIMEOUT', async () => {
    const door = gate();
    await world.replica({ brief: () => door.opened });
    expect(await codeOf(client.brief({ text: 'a' }))).toBe('RPC_TIMEOUT');
    door.open();
  });

  it('is RPC_TIMEOUT after the caller’s own, shorter patience', async () => {
    const door = gate();
    await world.replica({ echo: () => door.opened });
    expect(await codeOf(client.echo({ text: 'a' }, { timeoutMs: 50 }))).toBe('RPC_TIMEOUT');
    door.open();
  });

  it('leaves the place to the handler, and the late answer to nobody', async () => {
    const { door, handled, first } = await fullReplica();
    expect(await codeOf(client.hold({ text: 'second' }, { timeoutMs: 100 }))).toBe('RPC_OVERLOADED');
    door.open();
    expect(await first).toEqual({ text: 'first' });
    expect(await client.hold({ text: 'third' })).toEqual({ text: 'third' });
    expect(handled).toEqual(['first', 'third']);
  });
});

describe('a request whose requester died while it waited', () => {
  const abandon = async (text: string, timeoutMs: number): Promise<void> => {
    const dying = world.connect('dying');
    const call = codeOf(createRpcClient(probe, dying).hold({ text }, { timeoutMs }));
    await waiting(1);
    dying.close();
    expect(await call).toBe('RPC_UNAVAILABLE');
  };

  it('is not worked on after its deadline', async () => {
    const { door, handled, first } = await fullReplica({ maxWaitMs: 60_000 });
    await abandon('late', 300);
    const redis = await world.raw();
    await eventually('the message is gone', async () => (await redis.keys(`${names.message}*`)).length === 0);
    door.open();
    await first;
    await client.hold({ text: 'next' });
    expect(handled).toEqual(['first', 'next']);
  });

  it('is not worked on after it waited too long for a place', async () => {
    const { door, handled, first } = await fullReplica({ maxWaitMs: 200 });
    await abandon('late', 8000);
    const redis = await world.raw();
    const [key = ''] = await redis.keys(`${names.message}*`);
    const arrivedMs = Number(await redis.hget(key, 'arrivedMs'));
    await eventually('it waited too long', async () => Number((await redis.time())[0]) * 1000 > arrivedMs + 1200);
    door.open();
    await first;
    await client.hold({ text: 'next' });
    expect(handled).toEqual(['first', 'next']);
  });
});

describe('a full lane', () => {
  it('is RPC_OVERLOADED at once for the one that finds no room', async () => {
    const { door, first } = await fullReplica({ maxWaiting: 2 });
    const others = [client.hold({ text: 'b' }), client.hold({ text: 'c' })];
    await waiting(2);
    expect(await codeOf(client.hold({ text: 'd' }))).toBe('RPC_OVERLOADED');
    door.open();
    await Promise.all([first, ...others]);
  });

  it('has 64 places to wait, unless it says otherwise', async () => {
    const { door, first } = await fullReplica();
    const others = Array.from({ length: 64 }, (_, i) => client.hold({ text: String(i) }));
    await waiting(64);
    expect(await codeOf(client.hold({ text: 'one more' }))).toBe('RPC_OVERLOADED');
    door.open();
    await Promise.all([first, ...others]);
  });

  it('is RPC_OVERLOADED for the one that waits too long', async () => {
    const { door, handled, first } = await fullReplica({ maxWaitMs: 150 });
    expect(await codeOf(client.hold({ text: 'b' }))).toBe('RPC_OVERLOADED');
    door.open();
    await first;
    expect(handled).toEqual(['first']);
  });

  it('makes room for the living when the dead are in the way', async () => {
    const { door, first } = await fullReplica({ maxWaiting: 1 });
    const dying = world.connect('dying');
    const lost = codeOf(createRpcClient(probe, dying).hold({ text: 'dead' }, { timeoutMs: 200 }));
    await waiting(1);
    dying.close();
    await lost;
    const redis = await world.raw();
    await eventually('the message is gone', async () => (await redis.keys(`${names.message}*`)).length === 0);
    const next = client.hold({ text: 'living' });
    door.open();
    expect(await next).toEqual({ text: 'living' });
    await first;
  });
});

it('nobody who serves it is RPC_NO_REPLICA', async () => {
  expect(await codeOf(client.echo({ text: 'a' }))).toBe('RPC_NO_REPLICA');
});

describe('Redis', () => {
  // With a lane as patient as that, only the loss of the connection ends the request early.
  const patient = { maxWaitMs: 60_000 };

  it('that was killed is RPC_UNAVAILABLE, also for the request in flight', async () => {
    const { door, first } = await fullReplica(patient);
    const inFlight = codeOf(first);
    await world.redis.crash();
    expect(await inFlight).toBe('RPC_UNAVAILABLE');
    expect(await codeOf(client.echo({ text: 'b' }))).toBe('RPC_UNAVAILABLE');
    door.open();
  });

  it('that is frozen is RPC_UNAVAILABLE while it is frozen, also for the request in flight', async () => {
    const { door, first } = await fullReplica(patient);
    world.redis.freeze();
    expect(await Promise.all([codeOf(first), codeOf(client.echo({ text: 'b' }))])).toEqual(['RPC_UNAVAILABLE', 'RPC_UNAVAILABLE']);
    expect(await codeOf(client.echo({ text: 'c' }))).toBe('RPC_UNAVAILABLE');
    world.redis.thaw();
    door.open();
    await eventually('an answer', async () => (await codeOf(client.echo({ text: 'd' }))) === 'answered');
  });

  it('that was never there is RPC_UNAVAILABLE', async () => {
    await world.redis.crash();
    expect(await codeOf(createRpcClient(probe, world.connect('late')).echo({ text: 'a' }))).toBe('RPC_UNAVAILABLE');
  });

  it('is away for a connection that was closed', async () => {
    await world.replica();
    await client.echo({ text: 'a' });
    asker.close();
    expect(await codeOf(client.echo({ text: 'b' }))).toBe('RPC_UNAVAILABLE');
  });
});

describe('a replica that is killed', () => {
  let child: ChildProcess;
  const heard: string[] = [];

  beforeEach(async () => {
    heard.length = 0;
    const file = (name: string): string => join(import.meta.dirname, name);
    const flags = ['--experimental-transform-types', '--no-warnings', '--conditions=@portcullis/source'];
    child = spawn(
      process.execPath,
      [...flags, '--import', file('run-typescript.fixture.mjs'), file('replica-process.fixture.ts'), JSON.stringify(world.redis.settings)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    child.stdout?.on('data', (chunk: Buffer) => heard.push(...chunk.toString().trim().split('\n')));
    await eventually('the process serves', () => heard.includes('listening'));
  });
  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const kill = async (): Promise<void> => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  it('takes its own request with it, and no other', { timeout: 20_000 }, async () => {
    const own = codeOf(client.hold({ text: 'own' }, { timeoutMs: 1500 }));
    await eventually('it works', () => heard.includes('working'));
    await world.replica();
    await kill();
    for (let i = 0; i < 20; i += 1) expect(await client.hold({ text: String(i) })).toEqual({ text: String(i) });
    expect(await own).toBe('RPC_TIMEOUT');
  });

  it('leaves the request that waited to a new one', { timeout: 20_000 }, async () => {
    const own = codeOf(client.hold({ text: 'own' }, { timeoutMs: 1500 }));
    await eventually('it works', () => heard.includes('working'));
    const next = client.hold({ text: 'next' });
    await waiting(1);
    await kill();
    await world.replica();
    expect(await next).toEqual({ text: 'next' });
    expect(await own).toBe('RPC_TIMEOUT');
  });

  it('is missed at once when it was the last', async () => {
    await kill();
    // Its last report still counts; were it believed, this request would find no place in its 250 ms.
    expect(await codeOf(client.brief({ text: 'a' }))).toBe('RPC_NO_REPLICA');
  });

  it('and one that is frozen is missed when its reports stop', { timeout: 20_000 }, async () => {
    child.kill('SIGSTOP');
    const redis = await world.raw();
    await eventually('nobody is known', async () => (await submitCrafted(redis, craft(Date.now()))) === 'asked');
    await redis.del(names.waiting('probe', 'rest'));
    expect(await codeOf(client.echo({ text: 'a' }))).toBe('RPC_NO_REPLICA');
    await world.replica();
    expect(await client.echo({ text: 'b' })).toEqual({ text: 'b' });
  });
});
