import { ko, MESSAGES, ok, type totpDeviceData, totpRequest } from '@portcullis/contracts-portal-api';
import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readBody } from './body.js';
import { handOut, limit, onwardData, originOf, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { codesBanned, PortalRefusal } from './portal-refusal.js';
import { signInWithCode } from './sign-in-with-code.js';

const SENTENCES = {
  wrong: MESSAGES.secondFactorFailed,
  used: MESSAGES.codeUsed,
  no_device: MESSAGES.noDevice,
} as const;

/** One-time passwords as the second factor (reference 4.5). */
@Controller('api/secondfactor/totp')
export class SecondFactorController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async device(@Req() request: FastifyRequest) {
    const { session } = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const found = await this.parts.identity.describeTotp({ username: session.subject.username });
    if (found.outcome === 'none') throw new PortalRefusal(404, ko(MESSAGES.noDevice));
    const { device } = found;
    const data: z.output<typeof totpDeviceData> = {
      created_at: new Date(device.createdAtMs).toISOString(),
      last_used_at: device.lastUsedAtMs === null ? null : new Date(device.lastUsedAtMs).toISOString(),
      issuer: device.issuer,
      algorithm: device.algorithm,
      digits: device.digits,
      period: device.periodS,
    };
    return ok(data);
  }

  @Post()
  @HttpCode(200)
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    await limit(this.parts, 'second_factor_totp', visit.origin.ip);
    const body = readBody(totpRequest, rawBody(request));
    const result = await signInWithCode(this.parts, visit, { ...body, origin: originOf(request, visit, body.targetURL, body.requestMethod) });
    if (result.outcome === 'malformed') throw new PortalRefusal(400, ko(MESSAGES.secondFactorFailed));
    if (result.outcome === 'refused') throw new PortalRefusal(403, ko(SENTENCES[result.reason]));
    if (result.outcome === 'banned') throw codesBanned(result.untilMs);
    handOut(reply, this.parts, visit, result.id, result.expiresAtMs);
    return ok(onwardData(result.onward));
  }

  @Delete()
  async remove(@Req() request: FastifyRequest) {
    const visit = await this.parts.visits.change(request);
    const hasSecondFactor = visit.session !== null && (await this.#hasDevice(visit.session.subject.username));
    const { session, origin } = await this.parts.visits.elevated(visit, { hasSecondFactor, replaces: true });
    const { outcome } = await this.parts.identity.deleteTotp({ username: session.subject.username, ip: origin.ip });
    return outcome === 'deleted' ? ok() : ko(MESSAGES.operationFailed);
  }

  async #hasDevice(username: string): Promise<boolean> {
    return (await this.parts.identity.describeTotp({ username })).outcome === 'found';
  }
}
