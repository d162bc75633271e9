import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRpcClient, type ObservedCall, type RpcTracing } from './index.js';
import { probe, World } from './world.fixture.js';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

describe('both sides are told of a request', () => {
  it('that was answered', async () => {
    const calls: ObservedCall[] = [];
    const observe = (call: ObservedCall): unknown => calls.push(call);
    await world.replica({}, { observe });
    await createRpcClient(probe, world.connect('asker', { observe })).echo({ text: 'a' });
    expect(calls.map(({ side, pattern, outcome }) => [side, pattern, outcome]).sort()).toEqual([
      ['client', 'probe.v1.echo', 'ok'],
      ['server', 'probe.v1.echo', 'ok'],
    ]);
    expect(calls.every(({ seconds }) => seconds > 0)).toBe(true);
  });

  it('that failed, by the code of its fault', async () => {
    const calls: ObservedCall[] = [];
    const observe = (call: ObservedCall): unknown => calls.push(call);
    const fails = (): never => {
      throw new Error('no');
    };
    const client = createRpcClient(probe, world.connect('asker', { observe }));
    await expect(client.echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
    await world.replica({ echo: fails }, { observe });
    await expect(client.echo({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_FAILED' });
    expect(calls.map(({ side, outcome }) => `${side} ${outcome}`).sort()).toEqual([
      'client RPC_FAILED',
      'client RPC_NO_REPLICA',
      'server RPC_FAILED',
    ]);
  });
});

describe('a trace', () => {
  const told: (string | undefined)[] = [];
  const tracing: RpcTracing = {
    call: (_, run) => run('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    serve: (_, traceparent, run) => {
      told.push(traceparent);
      return run();
    },
  };
  beforeEach(() => {
    told.length = 0;
  });

  it('goes with the request to who answers', async () => {
    await world.replica({}, { tracing });
    await createRpcClient(probe, world.connect('asker', { tracing })).echo({ text: 'a' });
    expect(told).toEqual(['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']);
  });

  it('is absent where the requester does not trace, and a service that does not is not disturbed by one', async () => {
    await world.replica({}, { tracing });
    expect(await createRpcClient(probe, world.connect('asker')).echo({ text: 'a' })).toEqual({ text: 'a' });
    expect(told).toEqual([undefined]);
    await world.replica({}, { contract: { ...probe, service: 'other' } });
    const other = createRpcClient({ ...probe, service: 'other' }, world.connect('asker', { tracing }));
    expect(await other.echo({ text: 'b' })).toEqual({ text: 'b' });
  });

  it('is a field that the version before does not know, and drops', () => {
    const before = z.object({ sentAtMs: z.number(), timeoutMs: z.number(), requestId: z.string(), data: z.unknown() });
    expect(before.parse({ sentAtMs: 1, timeoutMs: 1, requestId: 'r', traceparent: 't', data: 1 })).toEqual({
      sentAtMs: 1,
      timeoutMs: 1,
      requestId: 'r',
      data: 1,
    });
  });
});
