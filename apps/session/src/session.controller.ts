import { Controller, Inject } from '@nestjs/common';
import { sessionContract, type EndReason, type Profile } from '@portcullis/contracts-session';
import { Serves, type Handlers, type RpcContext } from '@portcullis/platform-rpc';
import type { z } from 'zod';
import { createSession } from './create-session.js';
import { SessionEndings } from './end-sessions.js';
import { lastSeenOf, listSessions } from './list-sessions.js';
import { refreshUser } from './refresh-user.js';
import { rotateSession } from './rotate-session.js';
import { hashOf } from './session-id.js';
import { isAlive, REPLAY_WAIT_MS, type SessionParts } from './session-parts.js';

export const SESSION_PARTS = Symbol('SessionParts');

type Operations = (typeof sessionContract)['operations'];

/** `session.v1.*`: what each operation does is in the file it calls. */
@Controller()
@Serves(sessionContract)
export class SessionController implements Handlers<typeof sessionContract> {
  readonly #parts: SessionParts;
  readonly #endings: SessionEndings;

  constructor(@Inject(SESSION_PARTS) parts: SessionParts) {
    this.#parts = parts;
    this.#endings = new SessionEndings(parts);
  }

  create(request: z.output<Operations['create']['request']>, context: RpcContext) {
    return createSession(this.#parts, this.#endings, request, context);
  }

  raise({ id, factor }: { readonly id: string; readonly factor: 'password' | 'totp' }, context: RpcContext) {
    const time = factor === 'password' ? 'passwordAtMs' : 'totpAtMs';
    return rotateSession(this.#parts, this.#endings, id, (record, nowMs) => ({ ...record, [time]: nowMs }), context);
  }

  elevate({ id, ip, forMs }: { readonly id: string; readonly ip: string; readonly forMs: number }, context: RpcContext) {
    return rotateSession(this.#parts, this.#endings, id, (record, nowMs) => ({ ...record, elevation: { untilMs: nowMs + forMs, ip } }), context);
  }

  lower({ id }: { readonly id: string }, context: RpcContext) {
    return rotateSession(this.#parts, this.#endings, id, (record) => ({ ...record, elevation: null }), context);
  }

  renew({ id }: { readonly id: string }, context: RpcContext) {
    return rotateSession(this.#parts, this.#endings, id, (record) => record, context);
  }

  async end({ id, reason }: { readonly id: string; readonly reason: EndReason }, context: RpcContext) {
    return { outcome: 'ended' as const, existed: await this.#endings.end(id, reason, context) };
  }

  async endByHandle(request: z.output<Operations['endByHandle']['request']>, context: RpcContext) {
    const { username, handle, reason } = request;
    return { ended: await this.#endings.endByHandle(username, handle, reason, context) };
  }

  async endUser(request: z.output<Operations['endUser']['request']>, context: RpcContext) {
    const { username, exceptId, reason } = request;
    return { ended: await this.#endings.endUser(username, exceptId, reason, context) };
  }

  async endAll({ reason }: { readonly reason: EndReason }, context: RpcContext) {
    return { ended: await this.#endings.endAll(reason, context) };
  }

  async list({ username, limit }: { readonly username: string | null; readonly limit: number }) {
    return { sessions: [...(await listSessions(this.#parts, username, limit))] };
  }

  async read({ id }: { readonly id: string }) {
    const { store, keeper, now } = this.#parts;
    await keeper.ready(REPLAY_WAIT_MS);
    const hash = hashOf(id);
    const [found, [seenMs]] = await Promise.all([store.read(hash), store.lastSeen([hash])]);
    if (found === null || !isAlive(found.record, now())) return { outcome: 'gone' as const };
    return { outcome: 'live' as const, record: found.record, lastSeenMs: lastSeenOf(found.record, seenMs ?? null) };
  }

  refreshUser(request: { readonly username: string; readonly profile: Profile | null }, context: RpcContext) {
    return refreshUser(this.#parts, this.#endings, request, context);
  }
}
