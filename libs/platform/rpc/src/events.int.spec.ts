import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bindEvent, sealJson, withId } from './envelope.js';
import { randomId, wireOf } from './connection.js';
import { createRpcEvents, type RpcEvent } from './index.js';
import { names, probe, World } from './world.fixture.js';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.close());

const channel = names.event('probe.v1.changed');

it('an event reaches every process that listens, the sender’s too', async () => {
  const heard: string[] = [];
  const sender = world.connect('sender');
  for (const [name, connection] of [
    ['one', world.connect('a')],
    ['two', world.connect('b')],
    ['self', sender],
  ] as const) {
    await connection.ready(5000);
    await createRpcEvents(probe, connection).on('changed', ({ text }, context) => heard.push(`${name}: ${text} from ${context.sender}`));
  }
  await createRpcEvents(probe, sender).emit('changed', { text: 'rules' });
  await eventually('three hear it', () => heard.length === 3);
  expect(heard.toSorted()).toEqual(['one: rules from sender', 'self: rules from sender', 'two: rules from sender']);
});

it('who stopped listening hears nothing', async () => {
  const heard: string[] = [];
  const connection = world.connect('a');
  await connection.ready(5000);
  const events = createRpcEvents(probe, connection);
  const stop = await events.on('changed', ({ text }) => heard.push(text));
  await stop();
  expect(await (await world.raw()).publish(channel, 'x')).toBe(0);
});

it('listening goes on after Redis was restarted', async () => {
  const heard: string[] = [];
  const connection = world.connect('a');
  await connection.ready(5000);
  const events = createRpcEvents(probe, connection);
  await events.on('changed', ({ text }) => heard.push(text));
  await world.redis.restart();
  await eventually('it is heard', async () => {
    await events.emit('changed', { text: 'again' }).catch(() => undefined);
    return heard.length > 0;
  });
});

it('what the contract forbids is not sent', async () => {
  const events = createRpcEvents(probe, world.connect('a'));
  await expect(events.emit('changed', { wrong: true } as never)).rejects.toMatchObject({ code: 'RPC_BAD_REQUEST' });
});

it('with Redis away is RPC_UNAVAILABLE', async () => {
  const connection = world.connect('a');
  await connection.ready(5000);
  await world.redis.crash();
  await expect(createRpcEvents(probe, connection).emit('changed', { text: 'a' })).rejects.toMatchObject({ code: 'RPC_UNAVAILABLE' });
});

it('a forged, an old, a replayed and a senseless event are refused', async () => {
  const heard: string[] = [];
  const told: RpcEvent[] = [];
  const refusals = (): readonly string[] => told.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []));
  const connection = world.connect('a', { onEvent: (event) => told.push(event) });
  await connection.ready(5000);
  await createRpcEvents(probe, connection).on('changed', ({ text }) => heard.push(text));
  const wire = wireOf(connection);
  const redis = await world.raw();
  const make = (sentAtMs: number, data: unknown): Buffer => {
    const id = randomId();
    return withId(id, sealJson(wire.ring, { sentAtMs, sender: 'a', data }, bindEvent('probe.v1.changed', id)));
  };
  const nowMs = wire.clock.nowMs();
  const genuine = make(nowMs, { text: 'genuine' });
  for (const message of [Buffer.from('junk'), make(nowMs - 60_000, { text: 'old' }), make(nowMs, { wrong: true }), genuine, genuine])
    await redis.publish(channel, message);
  await eventually('four are refused', () => refusals().length === 4);
  expect(refusals()).toEqual(['forged or altered', 'out of its time', 'text: invalid_type', 'replayed']);
  expect(heard).toEqual(['genuine']);
});
