import type { Redis } from '@portcullis/platform-redis';
import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withId } from './envelope.js';
import { createRpcClient, createRpcEvents, type RpcEvent } from './index.js';
import { craft, gate, names, probe, submitCrafted, World, type Crafted, type Replica } from './world.fixture.js';

let world: World;
let redis: Redis;
beforeEach(async () => {
  world = await World.start();
  redis = await world.raw();
});
afterEach(() => world.close());

const redisNowMs = async (): Promise<number> => {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
};

it('nothing of what is said is readable in MONITOR', async () => {
  await world.replica({ echo: () => ({ text: 'answer-to-hunter2' }) });
  const seen: string[] = [];
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, args: unknown) => seen.push(JSON.stringify(args)));
  const asker = world.connect('asker');
  await createRpcClient(probe, asker).echo({ text: 'password-hunter2' }, { requestId: 'request-4711' });
  const events = createRpcEvents(probe, asker);
  await events.emit('changed', { text: 'event-hunter2' });
  await eventually('the commands', () => seen.some((line) => line.includes('event:probe.v1.changed')));
  monitor.disconnect();
  const all = seen.join('\n');
  expect(all).toContain('probe.v1.echo');
  expect(all).toContain('reply:asker:');
  expect(all).not.toMatch(/hunter2|4711/);
});

it('nothing of what waits is readable in the keys', async () => {
  const door = gate();
  await world.replica({ hold: () => door.opened.then(() => ({ text: 'x' })) });
  const client = createRpcClient(probe, world.connect('asker'));
  const calls = [client.hold({ text: 'hunter2' }), client.hold({ text: 'hunter2' })];
  const key = await eventually('one waits', async () => (await redis.keys(`${names.message}*`))[0]);
  expect(JSON.stringify(await redis.hgetall(key))).not.toContain('hunter2');
  door.open();
  await Promise.all(calls);
});

describe('a message', () => {
  let replica: Replica;
  let handled: string[];
  const echo = ({ text }: { text: string }): { text: string } => {
    handled.push(text);
    return { text };
  };
  beforeEach(async () => {
    handled = [];
    replica = await world.replica({ echo });
  });
  const refused = (reason: string): Promise<unknown> => eventually(`refused: ${reason}`, () => replica.refusals().includes(reason));

  it('is handled when it is genuine', async () => {
    await submitCrafted(redis, craft(await redisNowMs(), { say: 'genuine' }));
    await eventually('it is handled', () => handled.includes('genuine'));
    expect(replica.refusals()).toEqual([]);
  });

  it('made without the secret is refused', async () => {
    await submitCrafted(redis, craft(await redisNowMs(), { secret: 'a guess' }));
    await refused('forged or altered');
    expect(handled).toEqual([]);
  });

  it.each<[string, (message: Crafted) => Crafted]>([
    ['another reply channel', (message) => ({ ...message, replyChannel: names.reply('thief', 'y') })],
    ['another sender', (message) => ({ ...message, sender: 'root' })],
    ['another id', (message) => ({ ...message, id: message.id.split('').toReversed().join('') })],
    ['another operation', (message) => ({ ...message, pattern: 'probe.v1.brief' })],
    [
      'another payload',
      ({ sealed, ...rest }) => ({ ...rest, sealed: Buffer.from(sealed.map((byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte))) }),
    ],
    ['no seal', (message) => ({ ...message, sealed: Buffer.from('{}') })],
  ])('given %s is refused', async (_what, alter) => {
    await submitCrafted(redis, alter(craft(await redisNowMs())));
    await refused('forged or altered');
    expect(handled).toEqual([]);
  });

  it('put in the lane again is refused, also by a replica that has not seen it', async () => {
    const message = craft(await redisNowMs(), { say: 'once' });
    await submitCrafted(redis, message);
    await eventually('it is handled', () => handled.length === 1);
    await submitCrafted(redis, message);
    await refused('replayed');
    await replica.server.close();
    const other = await world.replica({ echo });
    await submitCrafted(redis, message);
    await eventually('the other refuses it', () => other.refusals().includes('replayed'));
    expect(handled).toEqual(['once']);
  });

  it('put in the lane again after a FLUSHALL is refused by the replica that handled it', async () => {
    const message = craft(await redisNowMs(), { say: 'once' });
    await submitCrafted(redis, message);
    await eventually('it is handled', () => handled.length === 1);
    await redis.flushall();
    await eventually('the replica reports', async () => (await submitCrafted(redis, message)) === 'accepted');
    await refused('replayed');
    expect(handled).toEqual(['once']);
  });

  it('that is old is refused, however long it says that it lives', async () => {
    const nowMs = await redisNowMs();
    await submitCrafted(redis, craft(nowMs, { sentAtMs: nowMs - 6000, timeoutMs: 3_600_000 }));
    await refused('past its deadline');
    expect(handled).toEqual([]);
  });

  it('from the future is refused', async () => {
    const nowMs = await redisNowMs();
    await submitCrafted(redis, craft(nowMs, { sentAtMs: nowMs + 60_000 }));
    await refused('sent in the future');
    expect(handled).toEqual([]);
  });
});

it('a forged reply changes nothing: the genuine one is heard', async () => {
  const door = gate();
  let working = false;
  const events: RpcEvent[] = [];
  const echo = async (): Promise<unknown> => {
    working = true;
    await door.opened;
    return { text: 'genuine' };
  };
  await world.replica({ echo });
  const call = createRpcClient(probe, world.connect('asker', { onEvent: (event) => events.push(event) })).echo({ text: 'a' });
  await eventually('it is handled', () => working);
  const [channel] = (await redis.pubsub('CHANNELS', names.reply('asker', '*'))) as [string];
  const [claim = ''] = await redis.keys(`${names.claim}*`);
  await redis.publish(channel, withId(claim.slice(names.claim.length), Buffer.from('forged')));
  await eventually('it is refused', () => events.some(({ kind }) => kind === 'refused'));
  door.open();
  expect(await call).toEqual({ text: 'genuine' });
});

it('services whose secrets are being exchanged understand each other', async () => {
  await world.replica({}, { secrets: ['old secret', 'new secret'] });
  const client = createRpcClient(probe, world.connect('asker', { secrets: ['new secret', 'old secret'] }));
  expect(await client.echo({ text: 'a' })).toEqual({ text: 'a' });
});

it('a service with another secret is not heard', async () => {
  await world.replica();
  const client = createRpcClient(probe, world.connect('asker', { secrets: ['another secret'] }));
  await expect(client.brief({ text: 'a' })).rejects.toMatchObject({ code: 'RPC_TIMEOUT' });
});
