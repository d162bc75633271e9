import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRpcClient, type Contract, type RpcContext } from './index.js';
import { gate, names, probe, World } from './world.fixture.js';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

describe('a request', () => {
  it('is handled by exactly one of three replicas, and each answer reaches its question', async () => {
    const handled: string[] = [];
    const echo = ({ text }: { text: string }): { text: string } => {
      handled.push(text);
      return { text: `re: ${text}` };
    };
    for (let i = 0; i < 3; i += 1) await world.replica({ echo });
    const client = createRpcClient(probe, world.connect('asker'));
    const texts = Array.from({ length: 300 }, (_, i) => `q${i}`);
    // At most 64 may wait in a lane.
    for (let i = 0; i < texts.length; i += 50) {
      const some = texts.slice(i, i + 50);
      expect(await Promise.all(some.map((text) => client.echo({ text })))).toEqual(some.map((text) => ({ text: `re: ${text}` })));
    }
    expect(handled.toSorted()).toEqual(texts.toSorted());
  });

  it('leaves nothing behind in Redis but its claim and the reports', async () => {
    await world.replica();
    await createRpcClient(probe, world.connect('asker')).echo({ text: 'a' });
    const redis = await world.raw();
    const kinds = (await redis.keys('*')).map((key) => key.replace(/^test:rpc:(\w+).*/, '$1'));
    expect(new Set(kinds)).toEqual(new Set(['alive', 'bounds', 'claim']));
    for (const key of await redis.keys('*')) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('brings its id, its sender and the time that is left', async () => {
    const contexts: RpcContext[] = [];
    await world.replica({ echo: ({ text }, context) => (contexts.push(context), { text }) });
    const client = createRpcClient(probe, world.connect('asker'));
    await client.echo({ text: 'a' }, { requestId: 'r-1' });
    await client.echo({ text: 'a' }, { timeoutMs: 3000 });
    await client.echo({ text: 'a' }, { timeoutMs: 60_000 });
    expect(contexts[0]).toMatchObject({ requestId: 'r-1', sender: 'asker' });
    expect(contexts[1]?.requestId).toMatch(/^[\da-f-]{36}$/);
    expect(contexts[1]?.deadlineMs).toBeLessThanOrEqual(3000);
    expect(contexts[2]?.deadlineMs).toBeLessThanOrEqual(5000);
    for (const { deadlineMs } of contexts) expect(deadlineMs).toBeGreaterThan(0);
  });

  it('is served by a replica that started after the client', async () => {
    const client = createRpcClient(probe, world.connect('asker'));
    await expect(client.echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
    await world.replica();
    expect(await client.echo({ text: 'a' })).toEqual({ text: 'a' });
  });
});

describe('capacity', () => {
  it('is shared: two replicas with one place each work at the same time', async () => {
    const both = gate();
    const busy = new Set<string>();
    const hold =
      (name: string) =>
      async ({ text }: { text: string }) => {
        busy.add(name);
        if (busy.size === 2) both.open();
        await both.opened;
        return { text };
      };
    await world.replica({ hold: hold('one') });
    await world.replica({ hold: hold('two') });
    const client = createRpcClient(probe, world.connect('asker'));
    await Promise.all([client.hold({ text: 'a' }), client.hold({ text: 'b' })]);
    expect(busy).toEqual(new Set(['one', 'two']));
  });

  it('is never exceeded, and what has no place waits in Redis, not in the process', async () => {
    const door = gate();
    let running = 0;
    let most = 0;
    const hold = async ({ text }: { text: string }): Promise<{ text: string }> => {
      running += 1;
      most = Math.max(most, running);
      await door.opened;
      running -= 1;
      return { text };
    };
    await world.replica({ hold }, { lanes: { narrow: { concurrency: 2 } } });
    const client = createRpcClient(probe, world.connect('asker'));
    const calls = Array.from({ length: 40 }, (_, i) => client.hold({ text: String(i) }));
    const redis = await world.raw();
    await eventually('two run and the others wait', async () => running === 2 && (await redis.llen(names.waiting('probe', 'narrow'))) === 38);
    door.open();
    await Promise.all(calls);
    expect(most).toBe(2);
  });

  it('of one lane is not the other lane’s: a full one stops nobody else', async () => {
    const door = gate();
    await world.replica({ hold: () => door.opened.then(() => ({ text: 'held' })) });
    const client = createRpcClient(probe, world.connect('asker'));
    const held = client.hold({ text: 'a' });
    expect(await client.echo({ text: 'b' })).toEqual({ text: 'b' });
    door.open();
    expect(await held).toEqual({ text: 'held' });
  });
});

describe('contracts of different age', () => {
  const reply = z.object({ text: z.string() });
  const old = {
    service: 'shop',
    version: 1,
    operations: { buy: { lane: 'rest', timeoutMs: 2000, request: z.object({ text: z.string() }), reply } },
  } as const;
  const young = {
    service: 'shop',
    version: 1,
    operations: {
      buy: {
        lane: 'rest',
        timeoutMs: 2000,
        request: z.object({ text: z.string(), gift: z.boolean().optional() }),
        reply: z.object({ text: z.string(), bill: z.string().optional() }),
      },
      sell: { lane: 'rest', timeoutMs: 2000, request: z.object({ text: z.string() }), reply },
    },
  } as const;
  const repeat = (seen: unknown[]) => (request: { text: string }) => (seen.push(request), { ...request, bill: 'b', secret: 's' });
  const replica = (contract: Contract, seen: unknown[]) => world.replica({ buy: repeat(seen) }, { contract });

  it('an old replica does not see the new field, and the new client is content', async () => {
    const seen: unknown[] = [];
    await replica(old, seen);
    expect(await createRpcClient(young, world.connect('asker')).buy({ text: 'a', gift: true })).toEqual({ text: 'a' });
    expect(seen).toEqual([{ text: 'a' }]);
  });

  it('an old client does not see the new field of the reply', async () => {
    const seen: unknown[] = [];
    await replica(young, seen);
    expect(await createRpcClient(old, world.connect('asker')).buy({ text: 'a' })).toEqual({ text: 'a' });
  });

  it('a new operation finds nobody among the old', async () => {
    await replica(old, []);
    await expect(createRpcClient(young, world.connect('asker')).sell({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
  });

  it('a new operation waits for a replica that knows it, and the old ones serve what is behind it', async () => {
    const door = gate();
    let sold = 0;
    const sell = async ({ text }: { text: string }): Promise<{ text: string }> => {
      sold += 1;
      await door.opened;
      return { text };
    };
    await world.replica({ sell }, { contract: young, lanes: { rest: { concurrency: 1 } } });
    const client = createRpcClient(young, world.connect('asker'));
    const first = client.sell({ text: 'first' });
    await eventually('the place is taken', () => sold === 1);
    const second = client.sell({ text: 'second' });
    const redis = await world.raw();
    await eventually('one waits', async () => (await redis.llen(names.waiting('shop', 'rest'))) === 1);

    const seen: unknown[] = [];
    await replica(old, seen);
    expect(await client.buy({ text: 'b' })).toEqual({ text: 'b' });
    expect(seen).toEqual([{ text: 'b' }]);
    door.open();
    expect(await Promise.all([first, second])).toEqual([{ text: 'first' }, { text: 'second' }]);
  });
});

describe('what the contract forbids', () => {
  const loose = {
    ...probe,
    operations: { ...probe.operations, echo: { ...probe.operations.echo, request: z.object({ text: z.any() }), reply: z.any() } },
  } satisfies Contract;

  it('is not sent: RPC_BAD_REQUEST names the place, not the value', async () => {
    await world.replica();
    const fault: unknown = await createRpcClient(probe, world.connect('asker'))
      .echo({ text: 4711 } as never)
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'RpcFault', code: 'RPC_BAD_REQUEST', pattern: 'probe.v1.echo' });
    expect(String(fault)).toContain('text');
    expect(String(fault)).not.toContain('4711');
  });

  it('is not handled when somebody sends it', async () => {
    let handled = 0;
    await world.replica({ echo: () => (handled += 1) });
    await expect(createRpcClient(loose, world.connect('asker')).echo({ text: 4711 })).rejects.toMatchObject({ code: 'RPC_BAD_REQUEST' });
    expect(handled).toBe(0);
  });

  it('is not answered: RPC_BAD_REPLY from the replica', async () => {
    await world.replica({ echo: () => ({ wrong: true }) });
    await expect(createRpcClient(probe, world.connect('asker')).echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_BAD_REPLY' });
  });

  it('is not believed: RPC_BAD_REPLY at the client', async () => {
    await world.replica({ echo: () => ({ wrong: true }) }, { contract: loose });
    await expect(createRpcClient(probe, world.connect('asker')).echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_BAD_REPLY' });
  });

  it('a request or reply that is too large is a fault, not a full Redis', async () => {
    await world.replica({ echo: () => ({ text: 'x'.repeat(9 * 1024 * 1024) }) });
    const client = createRpcClient(probe, world.connect('asker'));
    await expect(client.echo({ text: 'x'.repeat(2 * 1024 * 1024) })).rejects.toMatchObject({ code: 'RPC_BAD_REQUEST' });
    await expect(client.echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_BAD_REPLY' });
  });
});

it('a handler that throws is RPC_FAILED, told with its error and the id of the request', async () => {
  const boom = new Error('the cellar is flooded');
  const replica = await world.replica({ echo: () => Promise.reject(boom) });
  const fault: unknown = await createRpcClient(probe, world.connect('asker'))
    .echo({ text: 'a' }, { requestId: 'r-1' })
    .catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'RPC_FAILED' });
  expect(String(fault)).not.toContain('cellar');
  expect(replica.events).toContainEqual({ kind: 'handler_failed', pattern: 'probe.v1.echo', requestId: 'r-1', error: boom });
});
