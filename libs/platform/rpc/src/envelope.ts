import type { KeyRing } from '@portcullis/platform-seal';
import { z } from 'zod';

/** A request may wait in Redis' memory; a reply only passes through. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
export const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** How far the clocks of two processes may differ about Redis' time. */
export const CLOCK_SLACK_MS = 2000;

/** What a request says under the seal: its time is part of it, so that an old one cannot be made young again. */
export const requestEnvelope = z.object({
  sentAtMs: z.number(),
  timeoutMs: z.number(),
  requestId: z.string(),
  /** W3C Trace Context, where the requester traces. */
  traceparent: z.string().optional(),
  data: z.unknown(),
});
export type RequestEnvelope = z.infer<typeof requestEnvelope>;

export const replyEnvelope = z.union([z.object({ fault: z.string(), message: z.string() }), z.object({ value: z.unknown() })]);
export type ReplyEnvelope = z.infer<typeof replyEnvelope>;

export const eventEnvelope = z.object({ sentAtMs: z.number(), sender: z.string(), data: z.unknown() });
export type EventEnvelope = z.infer<typeof eventEnvelope>;

/** What a sealed message is bound to: elsewhere it does not open. */
export const bindRequest = (pattern: string, sender: string, id: string, replyChannel: string): string =>
  JSON.stringify(['request', pattern, sender, id, replyChannel]);
export const bindReply = (pattern: string, id: string, replyChannel: string): string => JSON.stringify(['reply', pattern, id, replyChannel]);
export const bindEvent = (pattern: string, id: string): string => JSON.stringify(['event', pattern, id]);

/** The bytes under the seal do not outlive it: they may hold a password. */
export function sealJson(ring: KeyRing, value: RequestEnvelope | ReplyEnvelope | EventEnvelope, boundTo: string): Buffer {
  const plain = Buffer.from(JSON.stringify(value));
  try {
    return ring.seal(plain, boundTo);
  } finally {
    plain.fill(0);
  }
}

/** Throws where the seal is broken or what is under it is not of this schema. */
export function openJson<T>(ring: KeyRing, schema: z.ZodType<T>, sealed: Uint8Array, boundTo: string): T {
  const plain = ring.open(sealed, boundTo);
  try {
    return schema.parse(JSON.parse(plain.toString()));
  } finally {
    plain.fill(0);
  }
}

// A message on a channel: its id, then the sealed bytes.
const ID_LENGTH = 22;
export const withId = (id: string, sealed: Buffer): Buffer => Buffer.concat([Buffer.from(id, 'latin1'), sealed]);
export const splitId = (message: Buffer): { readonly id: string; readonly sealed: Buffer } => ({
  id: message.toString('latin1', 0, ID_LENGTH),
  sealed: message.subarray(ID_LENGTH),
});
