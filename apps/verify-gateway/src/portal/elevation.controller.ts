import { elevationFinishRequest, type elevationData, ko, MESSAGES, ok } from '@portcullis/contracts-portal-api';
import { Controller, Delete, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readBody } from './body.js';
import { handOut, limit, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';

const MAX_CODE_LENGTH = 20;

/** The mailed one-time code that stands before every change of one's own factors (reference 4.9). */
@Controller('api/user/session/elevation')
export class ElevationController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async state(@Req() request: FastifyRequest) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { session, origin } = visit;
    const { requireSecondFactor, skipSecondFactor } = this.parts.settings.elevation;
    const hasDevice = (await this.parts.identity.describeTotp({ username: session.subject.username })).outcome === 'found';
    const elevated = this.parts.visits.isElevated(visit);
    const { elevation } = session.record;
    const leftMs = elevation !== null && elevation.ip === origin.ip ? Math.max(0, elevation.untilMs - this.parts.now()) : 0;
    const data: z.output<typeof elevationData> = {
      require_second_factor: requireSecondFactor && hasDevice && session.level < 2,
      skip_second_factor: skipSecondFactor && session.level === 2,
      can_skip_second_factor: skipSecondFactor && hasDevice,
      factor_knowledge: session.level === 1,
      elevated,
      expires: elevated ? Math.round(leftMs / 1000) : 0,
    };
    return ok(data);
  }

  @Post()
  @HttpCode(200)
  async start(@Req() request: FastifyRequest) {
    const { session, origin, domain } = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { username } = session.subject;
    await limit(this.parts, 'session_elevation_start', origin.ip, username);
    const started = await this.parts.identity.startElevation({ username, handle: session.record.handle, ip: origin.ip, domain: domain.domain });
    return started.outcome === 'sent' ? ok({ delete_id: started.deleteId }) : ko(MESSAGES.noAddress);
  }

  @Put()
  async finish(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { otc } = readBody(elevationFinishRequest, rawBody(request));
    const code = otc.trim();
    if (code.length === 0 || code.length > MAX_CODE_LENGTH) throw new PortalRefusal(400, ko(MESSAGES.operationFailed));
    const { session, sessionId, origin } = visit;
    const { username } = session.subject;
    const finished = await this.parts.identity.finishElevation({ username, handle: session.record.handle, ip: origin.ip, code });
    if (finished.outcome === 'refused') throw new PortalRefusal(403, ko(MESSAGES.operationFailed));
    const elevated = await this.parts.session.elevate({ id: sessionId, ip: origin.ip, forMs: finished.elevatedForMs });
    if (elevated.outcome === 'gone') throw new PortalRefusal(403, ko(MESSAGES.operationFailed));
    handOut(reply, this.parts, visit, elevated.id, elevated.expiresAtMs);
    return ok();
  }

  /** From the link in the mail, by whoever holds it. */
  @Delete(':id')
  async revoke(@Req() request: FastifyRequest, @Param('id') id: string) {
    await this.parts.visits.change(request);
    const { outcome } = await this.parts.identity.revokeElevation({ deleteId: id.slice(0, 128) });
    return outcome === 'revoked' ? ok() : ko(MESSAGES.operationFailed);
  }
}
