import { type disownedData, disownRequest, ko, MESSAGES, ok, type sessionsData, type sessionsEndedData } from '@portcullis/contracts-portal-api';
import type { SessionSummary } from '@portcullis/contracts-session';
import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readBody } from './body.js';
import { clearedSessionCookie } from './cookies.js';
import { limit, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import type { SignedInVisit } from './visit.js';

const MAX_SESSIONS = 1000;
const MAX_HANDLE_LENGTH = 128;

type Shown = z.output<typeof sessionsData>['sessions'][number];
type Ended = z.output<typeof sessionsEndedData>;

/** Where one is signed in, over all cookie domains, and ending it: there and everywhere. */
@Controller('api/user/sessions')
export class SessionsController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async list(@Req() request: FastifyRequest) {
    const { session } = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { sessions } = await this.parts.session.list({ username: session.subject.username, limit: MAX_SESSIONS });
    const data: z.output<typeof sessionsData> = { sessions: sessions.map((each) => shown(each, session.record.handle)) };
    return ok(data);
  }

  @Delete()
  async endAll(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { ended } = await this.parts.session.endUser({ username: visit.session.subject.username, exceptId: null, reason: 'revoked' });
    this.#signOut(reply, visit);
    this.#tell(visit, { ended, which: 'all' });
    return ok<Ended>({ ended });
  }

  @Delete('others')
  async endOthers(@Req() request: FastifyRequest) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { session, sessionId } = visit;
    const { ended } = await this.parts.session.endUser({ username: session.subject.username, exceptId: sessionId, reason: 'revoked' });
    this.#tell(visit, { ended, which: 'others' });
    return ok<Ended>({ ended });
  }

  /** Somebody else's is as unknown as one that never was (attack 63). */
  @Delete(':handle')
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @Param('handle') handle: string) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { username } = visit.session.subject;
    if (handle.length > MAX_HANDLE_LENGTH) throw unknownSession();
    const { ended } = await this.parts.session.endByHandle({ username, handle, reason: 'revoked' });
    if (ended === 0) throw unknownSession();
    this.#tell(visit, { ended, handle });
    if (handle === visit.session.record.handle) this.#signOut(reply, visit);
    return ok<Ended>({ ended });
  }

  /** "This was not me", from the link of the mail about a new device: by whoever holds it. */
  @Post('disown')
  @HttpCode(200)
  async disown(@Req() request: FastifyRequest) {
    const { origin } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_finish', origin.ip);
    const { token } = readBody(disownRequest, rawBody(request));
    const disowned = await this.parts.identity.disownSignIn({ token, ip: origin.ip });
    if (disowned.outcome === 'refused') throw new PortalRefusal(403, ko(DISOWN_SENTENCES[disowned.reason]));
    const data: z.output<typeof disownedData> = { username: disowned.username };
    return ok(data);
  }

  #tell({ session, origin }: SignedInVisit, detail: Readonly<Record<string, string | number>>): void {
    this.parts.tellAudit({ kind: 'sessions_ended', username: session.subject.username, actor: 'user', ip: origin.ip, detail });
  }

  #signOut(reply: FastifyReply, { sessionId, domain }: SignedInVisit): void {
    this.parts.sessions.forget(sessionId);
    reply.header('Set-Cookie', clearedSessionCookie(domain));
  }
}

const DISOWN_SENTENCES = { used: MESSAGES.linkUsed, expired: MESSAGES.linkExpired, invalid: MESSAGES.operationFailed } as const;
const unknownSession = (): PortalRefusal => new PortalRefusal(404, ko(MESSAGES.unknownSession));
const instant = (ms: number): string => new Date(ms).toISOString();

const shown = ({ handle, domain, level, remembered, createdAtMs, lastSeenMs, expiresAtMs, device }: SessionSummary, current: string): Shown => ({
  handle,
  current: handle === current,
  domain,
  remote_ip: device.ip,
  user_agent: device.userAgent,
  authentication_level: level,
  remembered,
  created_at: instant(createdAtMs),
  last_seen_at: instant(lastSeenMs),
  expires_at: instant(expiresAtMs),
});
