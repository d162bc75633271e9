import { orUnavailable } from '@portcullis/platform-redis';
import type { z, ZodType } from 'zod';
import { randomId, wireOf, type RpcConnection, type Wire } from './connection.js';
import { patternOf, type Contract } from './contract.js';
import { bindEvent, CLOCK_SLACK_MS, eventEnvelope, openJson, sealJson, splitId, withId } from './envelope.js';
import { mismatch, RpcFault } from './fault.js';
import { RecentIds } from './recent-ids.js';
import { CONNECT_WAIT_MS } from './timing.js';

type EventsOf<C extends Contract> = NonNullable<C['events']>;

/** Events reach every process that is subscribed at that moment, the sender's too; nothing that must happen may rely on one alone. */
export interface Events<C extends Contract> {
  /** RPC_BAD_REQUEST, RPC_UNAVAILABLE. */
  emit<K extends keyof EventsOf<C> & string>(name: K, payload: z.input<EventsOf<C>[K]>): Promise<void>;
  /** Resolves when subscribed (while Redis is away at once: it will be), with the way to unsubscribe. One listener an event and connection. */
  on<K extends keyof EventsOf<C> & string>(
    name: K,
    listener: (payload: z.output<EventsOf<C>[K]>, context: { readonly sender: string }) => void,
  ): Promise<() => Promise<void>>;
}

/** An event that took longer than this is not believed any more. */
const ACCEPTED_FOR_MS = 10_000;

export function createRpcEvents<C extends Contract>(contract: C, connection: RpcConnection): Events<C> {
  const wire = wireOf(connection);
  const schemaOf = (name: string): ZodType => {
    const schema = contract.events?.[name];
    if (schema === undefined) throw new TypeError(`${contract.service} has no event ${name}`);
    return schema;
  };
  return {
    emit: (name, payload) => emit(wire, patternOf(contract, name), schemaOf(name), payload),
    on: async (name, listener) => {
      const pattern = patternOf(contract, name);
      const recent = new RecentIds(ACCEPTED_FOR_MS + 2 * CLOCK_SLACK_MS, wire.clock.nowMs());
      const hear = hearing(wire, pattern, schemaOf(name), recent, listener as Listener);
      await wire.subscribe(wire.names.event(pattern), hear);
      return () => wire.unsubscribe(wire.names.event(pattern));
    },
  };
}

type Listener = (payload: unknown, context: { readonly sender: string }) => void;

async function emit(wire: Wire, pattern: string, schema: ZodType, payload: unknown): Promise<void> {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) throw new RpcFault('RPC_BAD_REQUEST', pattern, mismatch(parsed.error));
  try {
    await wire.ready(CONNECT_WAIT_MS);
    const id = randomId();
    const envelope = { sentAtMs: wire.clock.nowMs(), sender: wire.sender, data: parsed.data };
    await orUnavailable(wire.commands.publish(wire.names.event(pattern), withId(id, sealJson(wire.ring, envelope, bindEvent(pattern, id)))));
  } catch (cause) {
    throw new RpcFault('RPC_UNAVAILABLE', pattern, cause instanceof Error ? cause.message : 'Redis is away', { cause });
  }
}

const hearing =
  (wire: Wire, pattern: string, schema: ZodType, recent: RecentIds, listener: Listener) =>
  (message: Buffer): void => {
    const refuse = (reason: string): void => {
      wire.tell({ kind: 'refused', pattern, reason });
    };
    const { id, sealed } = splitId(message);
    let opened;
    try {
      opened = openJson(wire.ring, eventEnvelope, sealed, bindEvent(pattern, id));
    } catch {
      refuse('forged or altered');
      return;
    }
    const nowMs = wire.clock.nowMs();
    if (opened.sentAtMs > nowMs + CLOCK_SLACK_MS || opened.sentAtMs + ACCEPTED_FOR_MS <= nowMs) {
      refuse('out of its time');
      return;
    }
    if (!recent.add(id, nowMs)) {
      refuse('replayed');
      return;
    }
    const parsed = schema.safeParse(opened.data);
    if (parsed.success) listener(parsed.data, { sender: opened.sender });
    else refuse(mismatch(parsed.error));
  };
