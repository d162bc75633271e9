import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRpcClient, createRpcEvents, openRpcConnection, RpcServer, type RpcConnection, type RpcEvent } from './index.js';
import { listening, PREFIX, probe, SECRET, World } from './world.fixture.js';

/** The rights as the README gives them. */
const rights = /ACL SETUSER wire on (.*)/
  .exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8'))?.[1]
  ?.replaceAll('portcullis:', PREFIX);

let world: World;
const opened: RpcConnection[] = [];
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  for (const connection of opened.splice(0)) connection.close();
  await world.close();
});

it('a Redis user with the rights of the README, and no more, can do everything on the wire', async () => {
  const redis = await world.raw();
  await redis.call('ACL', 'SETUSER', 'wire', 'on', '>open', ...(rights?.split(' ') ?? []));
  const told: RpcEvent[] = [];
  const connect = (service: string): RpcConnection => {
    const settings = { ...world.redis.settings, username: 'wire', password: 'open' };
    const connection = openRpcConnection({ redis: settings, secrets: [SECRET], prefix: PREFIX, service, onEvent: (event) => told.push(event) });
    opened.push(connection);
    return connection;
  };
  const server = new RpcServer({ connection: connect('probe'), contracts: [probe], lanes: { rest: { concurrency: 1 }, narrow: { concurrency: 1 } } });
  for (const name of Object.keys(probe.operations)) server.addHandler(`probe.v1.${name}`, (request) => Promise.resolve(request as never));
  await listening(server);
  const asker = connect('asker');
  await asker.ready(5000);
  const events = createRpcEvents(probe, asker);
  const heard = new Promise((resolve) => void events.on('changed', resolve).then(() => events.emit('changed', { text: 'e' })));
  expect(await createRpcClient(probe, asker).echo({ text: 'a' })).toEqual({ text: 'a' });
  expect(await heard).toEqual({ text: 'e' });
  await server.close();

  expect(told.filter(({ kind }) => kind !== 'redis')).toEqual([]);
  const log = (await redis.call('ACL', 'LOG')) as readonly (readonly string[])[];
  expect(log.map((entry) => entry[entry.indexOf('object') + 1])).toEqual([]);
});
