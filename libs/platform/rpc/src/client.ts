import { randomUUID } from 'node:crypto';
import { runScript } from '@portcullis/platform-redis';
import { randomId, wireOf, type RpcConnection, type Wire } from './connection.js';
import { patternOf, type CallOptions, type Client, type Contract, type Operation } from './contract.js';
import { bindReply, bindRequest, MAX_REQUEST_BYTES, openJson, replyEnvelope, sealJson, type ReplyEnvelope } from './envelope.js';
import { isFaultCode, mismatch, RpcFault } from './fault.js';
import { observed } from './observation.js';
import { submitRequest } from './submit-request.lua.js';
import { ASK_AGAIN_MS, CONNECT_WAIT_MS, DEAD_AFTER_MS } from './timing.js';
import { withdrawRequest } from './withdraw-request.lua.js';
import { currentRequest } from './request-scope.js';

/** A method for each operation of the contract. */
export function createRpcClient<C extends Contract>(contract: C, connection: RpcConnection): Client<C> {
  const wire = wireOf(connection);
  const methods = Object.entries(contract.operations).map(([name, operation]) => {
    const target = { wire, operation, service: contract.service, pattern: patternOf(contract, name) };
    return [name, (request: unknown, options?: CallOptions) => ask(target, request, options)] as const;
  });
  return Object.fromEntries(methods) as unknown as Client<C>;
}

interface Target {
  readonly wire: Wire;
  readonly operation: Operation;
  readonly service: string;
  readonly pattern: string;
}

function ask(target: Target, request: unknown, options?: CallOptions): Promise<unknown> {
  const { tracing, observe } = target.wire;
  const run = (traceparent?: string): Promise<unknown> => observed(target.pattern, observe, () => call(target, request, options, traceparent));
  return tracing === undefined ? run() : tracing.call(target.pattern, run);
}

async function call(target: Target, request: unknown, options: CallOptions = {}, traceparent?: string): Promise<unknown> {
  const { wire, operation, pattern } = target;
  const timeoutMs = Math.min(operation.timeoutMs, options.timeoutMs ?? Infinity);
  const endsMs = performance.now() + timeoutMs;
  const parsed = operation.request.safeParse(request);
  if (!parsed.success) throw new RpcFault('RPC_BAD_REQUEST', pattern, mismatch(parsed.error));
  if (!wire.isUp) await wire.ready(Math.min(CONNECT_WAIT_MS, timeoutMs)).catch(unavailable(pattern));

  const id = randomId();
  const reply = wire.replies.expect(id, (sealed) => openReply(target, id, sealed));
  try {
    const envelope = {
      sentAtMs: wire.clock.nowMs(),
      timeoutMs,
      requestId: options.requestId ?? currentRequest()?.requestId ?? randomUUID(),
      traceparent,
      data: parsed.data,
    };
    const sealed = sealJson(wire.ring, envelope, bindRequest(pattern, wire.sender, id, wire.replyChannel));
    if (sealed.length > MAX_REQUEST_BYTES) throw new RpcFault('RPC_BAD_REQUEST', pattern, `larger than ${MAX_REQUEST_BYTES} bytes`);
    const maxWaitMs = await submit(target, id, sealed, endsMs);
    return readReply(target, await answer(target, id, reply, maxWaitMs, endsMs));
  } finally {
    wire.replies.forget(id);
  }
}

/** Resolves when the request waits in its lane, with how long it may wait there. */
async function submit({ wire, operation, service, pattern }: Target, id: string, sealed: Buffer, endsMs: number): Promise<number> {
  const { names } = wire;
  const { lane } = operation;
  const keys = [names.alive(pattern), names.waiting(service, lane), names.bounds(service, lane), names.message + id];
  for (let asked = 0; ; asked += 1) {
    const sentMs = performance.now();
    const leftMs = Math.floor(endsMs - sentMs);
    if (leftMs <= 0) throw new RpcFault('RPC_TIMEOUT', pattern, 'no time was left to ask');
    const args = [id, pattern, wire.sender, wire.replyChannel, sealed, leftMs, names.wake(service, lane), names.message, DEAD_AFTER_MS];
    const result = await runScript(wire.commands, submitRequest, keys, args).catch(unavailable(pattern));
    const [verdict, redisMs, maxWaitMs] = result as ['accepted' | 'full' | 'no_replica' | 'asked', number, number];
    wire.clock.learn(redisMs, sentMs);
    const pauseMs = ASK_AGAIN_MS[asked];
    if (verdict === 'accepted') return maxWaitMs;
    if (verdict === 'full') throw new RpcFault('RPC_OVERLOADED', pattern, `too many requests wait in the lane ${lane}`);
    // Somebody who listens and is asked, but never reports for this operation, does not know it.
    if (verdict === 'no_replica' || pauseMs === undefined) throw new RpcFault('RPC_NO_REPLICA', pattern, 'no replica is alive that serves it');
    await pause(pauseMs);
  }
}

/** The reply; or a fault when the request found no place in time, or no answer. */
async function answer(target: Target, id: string, reply: Promise<ReplyEnvelope>, maxWaitMs: number, endsMs: number): Promise<ReplyEnvelope> {
  const leftMs = endsMs - performance.now();
  // A little before the end, so that a request that never found a place is told from one that was not answered.
  const first = await within(reply, Math.min(maxWaitMs, leftMs * 0.95)).catch(unavailable(target.pattern));
  if (first !== undefined) return first;
  const withdrawn = withdraw(target, id).then((fault) => {
    if (fault !== undefined) throw fault;
    return reply;
  });
  const second = await within(withdrawn, endsMs - performance.now()).catch(unavailable(target.pattern));
  if (second !== undefined) return second;
  throw new RpcFault('RPC_TIMEOUT', target.pattern, 'no answer in time');
}

/** Why it was not taken by anyone; undefined where a replica has it. */
async function withdraw({ wire, operation, service, pattern }: Target, id: string): Promise<RpcFault | undefined> {
  const keys = [wire.names.waiting(service, operation.lane), wire.names.message + id, wire.names.alive(pattern)];
  const verdict = await runScript(wire.commands, withdrawRequest, keys, [id, pattern, DEAD_AFTER_MS]);
  if (verdict === 'nobody') return new RpcFault('RPC_NO_REPLICA', pattern, 'the replicas that served it are gone');
  if (verdict === 'still_waiting') return new RpcFault('RPC_OVERLOADED', pattern, `no place in the lane ${operation.lane} in time`);
  return undefined;
}

/** undefined for a reply that none of ours made for this request: the genuine one may still come. */
function openReply({ wire, pattern }: Target, id: string, sealed: Buffer): ReplyEnvelope | undefined {
  try {
    return openJson(wire.ring, replyEnvelope, sealed, bindReply(pattern, id, wire.replyChannel));
  } catch {
    wire.tell({ kind: 'refused', pattern, reason: 'a reply that does not open' });
    return undefined;
  }
}

function readReply({ operation, pattern }: Target, envelope: ReplyEnvelope): unknown {
  if ('fault' in envelope) throw new RpcFault(isFaultCode(envelope.fault) ? envelope.fault : 'RPC_FAILED', pattern, envelope.message);
  const parsed = operation.reply.safeParse(envelope.value);
  if (!parsed.success) throw new RpcFault('RPC_BAD_REPLY', pattern, mismatch(parsed.error));
  return parsed.data;
}

const unavailable =
  (pattern: string) =>
  (cause: unknown): never => {
    if (cause instanceof RpcFault) throw cause;
    throw new RpcFault('RPC_UNAVAILABLE', pattern, cause instanceof Error ? cause.message : 'Redis is away', { cause });
  };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The value, or undefined after `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
  }
}
