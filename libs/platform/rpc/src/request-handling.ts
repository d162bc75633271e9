import type { Wire } from './connection.js';
import type { Operation, RpcContext } from './contract.js';
import {
  bindReply,
  bindRequest,
  CLOCK_SLACK_MS,
  MAX_REPLY_BYTES,
  openJson,
  requestEnvelope,
  sealJson,
  withId,
  type ReplyEnvelope,
  type RequestEnvelope,
} from './envelope.js';
import { isFaultCode, mismatch, type RpcFaultCode } from './fault.js';
import type { Taken } from './lane-worker.js';
import type { RecentIds } from './recent-ids.js';
import { inRequest } from './request-scope.js';

export interface Served {
  readonly operation: Operation;
  readonly run: (request: unknown, context: RpcContext) => Promise<unknown>;
}

export interface HandlingOptions {
  readonly wire: Wire;
  readonly served: ReadonlyMap<string, Served>;
  /** What this process has handled: holds even where somebody deletes the claims in Redis. */
  readonly recent: RecentIds;
}

/** Opens, checks, runs and answers one request. Never rejects: what is not genuine is dropped and told, everything else is answered. */
export async function handleTaken({ wire, served, recent }: HandlingOptions, taken: Taken): Promise<void> {
  const { pattern, id, replyChannel } = taken;
  const target = served.get(pattern);
  if (target === undefined) return;
  const opened = openRequest(wire, target.operation, recent, taken);
  if (typeof opened === 'string') {
    wire.tell({ kind: 'refused', pattern, reason: opened });
    return;
  }
  const reply = await observedReply(wire, target, taken, opened);
  try {
    await wire.commands.publish(replyChannel, withId(id, sealReply(wire, reply, bindReply(pattern, id, replyChannel))));
  } catch (error) {
    wire.tell({ kind: 'wire_failed', what: 'reply', error });
  }
}

/** What the requester sealed, or why it is refused. */
function openRequest(wire: Wire, operation: Operation, recent: RecentIds, taken: Taken): RequestEnvelope | string {
  if (taken.verdict === 'replayed') return 'replayed';
  let envelope: RequestEnvelope;
  try {
    envelope = openJson(wire.ring, requestEnvelope, taken.sealed, bindRequest(taken.pattern, taken.sender, taken.id, taken.replyChannel));
  } catch {
    return 'forged or altered';
  }
  const nowMs = wire.clock.nowMs();
  if (envelope.sentAtMs > nowMs + CLOCK_SLACK_MS) return 'sent in the future';
  if (envelope.sentAtMs + Math.min(envelope.timeoutMs, operation.timeoutMs) <= nowMs) return 'past its deadline';
  return recent.add(taken.id, nowMs) ? envelope : 'replayed';
}

async function observedReply(wire: Wire, target: Served, taken: Taken, envelope: RequestEnvelope): Promise<ReplyEnvelope> {
  const { pattern } = taken;
  const { tracing, observe } = wire;
  const startedAt = performance.now();
  const run = (): Promise<ReplyEnvelope> => answerTo(wire, target, taken, envelope);
  const reply = await (tracing === undefined ? run() : tracing.serve(pattern, envelope.traceparent, run));
  const outcome = 'fault' in reply ? reply.fault : 'ok';
  observe?.({ side: 'server', pattern, outcome: isFaultCode(outcome) ? outcome : 'ok', seconds: (performance.now() - startedAt) / 1000 });
  return reply;
}

async function answerTo(wire: Wire, { operation, run }: Served, taken: Taken, envelope: RequestEnvelope): Promise<ReplyEnvelope> {
  if (taken.verdict === 'late') return fault('RPC_OVERLOADED', 'no place in time');
  const request = operation.request.safeParse(envelope.data);
  if (!request.success) return fault('RPC_BAD_REQUEST', mismatch(request.error));
  const deadlineMs = Math.min(taken.leftMs, envelope.sentAtMs + envelope.timeoutMs - wire.clock.nowMs());
  let result: unknown;
  try {
    const { requestId } = envelope;
    const { sender } = taken;
    result = await inRequest({ requestId, sender }, () => run(request.data, { requestId, sender, deadlineMs }));
  } catch (error) {
    wire.tell({ kind: 'handler_failed', pattern: taken.pattern, requestId: envelope.requestId, error });
    return fault('RPC_FAILED', 'the handler failed');
  }
  const reply = operation.reply.safeParse(result);
  return reply.success ? { value: reply.data } : fault('RPC_BAD_REPLY', mismatch(reply.error));
}

function sealReply(wire: Wire, reply: ReplyEnvelope, boundTo: string): Buffer {
  const sealed = sealJson(wire.ring, reply, boundTo);
  if (sealed.length <= MAX_REPLY_BYTES) return sealed;
  return sealJson(wire.ring, fault('RPC_BAD_REPLY', `larger than ${MAX_REPLY_BYTES} bytes`), boundTo);
}

const fault = (code: RpcFaultCode, message: string): ReplyEnvelope => ({ fault: code, message });
