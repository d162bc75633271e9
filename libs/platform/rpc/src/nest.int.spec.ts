import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRpcClient, RpcServer, Serves, type Handlers, type RpcContext, type RpcEvent } from './index.js';
import { probe, World } from './world.fixture.js';

// Decorators are called as functions here: Vitest reads their syntax only in files that tsconfig.json includes, and specs are not among them.
class Greeter {
  greet(name: string): string {
    return `hello ${name}`;
  }
}
Injectable()(Greeter);

abstract class Common {
  brief(): Promise<{ text: string }> {
    return Promise.resolve({ text: 'inherited' });
  }
}

class ProbeController extends Common implements Handlers<typeof probe> {
  constructor(private readonly greeter: Greeter) {
    super();
  }

  echo({ text }: { text: string }, { requestId, sender }: RpcContext): Promise<{ text: string }> {
    return Promise.resolve({ text: `${this.greeter.greet(text)} from ${sender} (${requestId})` });
  }

  hold(): Promise<{ text: string }> {
    throw new Error('the cellar is flooded');
  }
}
Inject(Greeter)(ProbeController, undefined, 0);
Serves(probe)(ProbeController);
Controller()(ProbeController);

/* eslint-disable @typescript-eslint/no-extraneous-class -- Nest's modules, without their decorators' syntax */
class ProbeModule {}
Module({ controllers: [ProbeController], providers: [Greeter] })(ProbeModule);

class EmptyModule {}
Module({})(EmptyModule);

let world: World;
let told: RpcEvent[];
const lanes = { rest: { concurrency: 4 }, narrow: { concurrency: 1 } };
const strategy = (): RpcServer => {
  const connection = world.connect('probe', { onEvent: (event) => told.push(event) });
  return new RpcServer({ connection, contracts: [probe], lanes });
};

beforeEach(async () => {
  told = [];
  world = await World.start();
});
afterEach(() => world.close());

it('a replica says that it serves from when it can be asked until it is closed', async () => {
  const server = strategy();
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(ProbeModule, { strategy: server, logger: false });
  expect(server.isServing).toBe(false);
  await app.listen();
  expect(server.isServing).toBe(true);
  await createRpcClient(probe, world.connect('asker')).echo({ text: 'you' });
  const closing = app.close();
  expect(server.isServing).toBe(false);
  await closing;
});

it('a controller that serves a contract answers it', async () => {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(ProbeModule, { strategy: strategy(), logger: false });
  await app.listen();
  const client = createRpcClient(probe, world.connect('asker'));
  expect(await client.echo({ text: 'you' }, { requestId: 'r-1' })).toEqual({ text: 'hello you from asker (r-1)' });
  expect(await client.brief({ text: 'a' })).toEqual({ text: 'inherited' });
  await app.close();
  await expect(client.echo({ text: 'you' })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
});

it('its error is told whole, and only the code leaves the process', async () => {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(ProbeModule, { strategy: strategy(), logger: false });
  await app.listen();
  const client = createRpcClient(probe, world.connect('asker'));
  await expect(client.hold({ text: 'a' }, { requestId: 'r-2' })).rejects.toMatchObject({ code: 'RPC_FAILED' });
  expect(told).toContainEqual({ kind: 'handler_failed', pattern: 'probe.v1.hold', requestId: 'r-2', error: new Error('the cellar is flooded') });
  await app.close();
});

it('an application with an HTTP face can serve it beside', async () => {
  const app = await NestFactory.create(ProbeModule, new FastifyAdapter(), { logger: false });
  app.connectMicroservice<MicroserviceOptions>({ strategy: strategy() });
  await app.startAllMicroservices();
  const client = createRpcClient(probe, world.connect('asker'));
  expect(await client.brief({ text: 'a' })).toEqual({ text: 'inherited' });
  await app.close();
});

it('an application without the handlers does not start', async () => {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(EmptyModule, { strategy: strategy(), logger: false });
  await expect(app.listen()).rejects.toThrow('nothing handles probe.v1.echo');
  await app.close();
});

it('a lane without places is refused before anything starts', () => {
  const connection = world.connect('probe');
  expect(() => new RpcServer({ connection, contracts: [probe], lanes: { rest: { concurrency: 4 } } })).toThrow('narrow');
});
