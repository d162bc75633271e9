import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { randomId, type RpcConnection } from './connection.js';
import { createRpcEvents } from './events.js';

/** One running process of a service. */
const member = z.object({
  service: z.string(),
  instance: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  sinceMs: z.number(),
  ready: z.boolean(),
  reasons: z.array(z.string()).readonly(),
  /** Of the configuration it runs. */
  hash: z.string(),
});
export type Member = z.output<typeof member>;

const contract = {
  service: 'census',
  version: 1,
  operations: {},
  events: { asked: z.object({ id: z.string() }), present: member.extend({ id: z.string() }) },
} as const;

/** Answers whoever counts; what is lost while Redis is away was not asked by anybody who could hear it. Resolves when it listens. */
export async function answerCensus(connection: RpcConnection, describe: () => z.input<typeof member>): Promise<void> {
  const events = createRpcEvents(contract, connection);
  await events.on('asked', ({ id }) => {
    events.emit('present', { ...describe(), id }).catch(() => undefined);
  });
}

/** Who answers within `waitMs`: every process that listens, of every service. Throws an RpcFault where Redis is away. */
export async function takeCensus(connection: RpcConnection, waitMs: number): Promise<readonly Member[]> {
  const events = createRpcEvents(contract, connection);
  const id = randomId();
  const present: Member[] = [];
  const stop = await events.on('present', ({ id: asked, ...who }) => {
    if (asked === id) present.push(who);
  });
  await events.emit('asked', { id });
  await setTimeout(waitMs);
  await stop();
  return present;
}
