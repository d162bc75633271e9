import { ko, MESSAGES, type redirectData } from '@portcullis/contracts-portal-api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { RawBody } from './body.js';
import { deviceCookie, sessionCookie } from './cookies.js';
import { PortalRefusal } from './portal-refusal.js';
import type { Onward } from './return-address.js';
import type { PortalParts } from './portal-parts.js';
import type { SignedIn } from './sign-in-with-password.js';
import type { Visit } from './visit.js';

/** The body as it came; parsing is body.ts's. */
export const rawBody = (request: FastifyRequest): RawBody => ({
  type: request.headers['content-type'],
  bytes: Buffer.isBuffer(request.body) ? request.body : undefined,
});

/** Signs out. Whatever becomes of the request, this gateway knows the session no more. */
export async function endSession(parts: PortalParts, id: string): Promise<void> {
  try {
    await parts.session.end({ id, reason: 'logout' });
  } finally {
    parts.sessions.forget(id);
  }
}

/** Gives the browser a session's new id. */
export function handOut(reply: FastifyReply, parts: PortalParts, visit: Visit, id: string, expiresAtMs: number): void {
  if (visit.sessionId !== null) parts.sessions.forget(visit.sessionId);
  reply.header('Set-Cookie', sessionCookie(visit.domain, id, expiresAtMs));
}

/** Gives the browser the session of a sign-in, and what it is known by the next time. */
export function handOutSignIn(reply: FastifyReply, parts: PortalParts, visit: Visit, { id, expiresAtMs, deviceToken }: SignedIn): void {
  handOut(reply, parts, visit, id, expiresAtMs);
  if (deviceToken !== null) reply.header('Set-Cookie', deviceCookie(deviceToken, parts.now()));
}

/** 429 with Retry-After (HTTP-date), while a bucket of that limit is empty (reference 4.10); `username` where it is one person's. */
export async function limit(parts: PortalParts, name: string, ip: string, username?: string): Promise<void> {
  const waitMs = await parts.limits.take(name, ip, username);
  if (waitMs > 0) throw new PortalRefusal(429, ko(MESSAGES.tooManyRequests), { 'Retry-After': new Date(parts.now() + waitMs).toUTCString() });
}

/** What an onward way is to a script: data, or a plain OK. */
export function onwardData(way: Onward): z.output<typeof redirectData> | undefined {
  switch (way.kind) {
    case 'stay':
      return undefined;
    case 'redirect':
      return { redirect: way.to };
    case 'forbidden':
      return { forbidden: true };
    case 'portal':
      return { portal: way.at };
  }
}

/** The attempt's row and log line say where it came from (reference 8.4). */
export const originOf = (request: FastifyRequest, visit: Visit, targetUrl = '', targetMethod = '') => ({
  ip: visit.origin.ip,
  method: request.method,
  path: request.url.split('?', 1)[0] ?? '/',
  targetUrl: targetUrl === '' ? null : targetUrl,
  targetMethod: targetMethod === '' ? null : targetMethod,
});
