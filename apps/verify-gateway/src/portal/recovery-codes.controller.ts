import { ko, MESSAGES, type newRecoveryCodesData, ok, type recoveryCodesData, recoveryCodeRequest } from '@portcullis/contracts-portal-api';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readBody } from './body.js';
import { handOut, limit, onwardData, originOf, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { codesBanned, PortalRefusal } from './portal-refusal.js';
import { signInWithRecoveryCode } from './sign-in-with-code.js';

/** What one never had says the same as what is wrong. */
const SENTENCES = { wrong: MESSAGES.recoveryCodeRefused, used: MESSAGES.recoveryCodeUsed, none: MESSAGES.recoveryCodeRefused } as const;
const noDevice = (): PortalRefusal => new PortalRefusal(404, ko(MESSAGES.noDevice));

/** The second factor of somebody whose device is lost: ten codes, each for one use. */
@Controller('api/secondfactor')
export class RecoveryCodesController {
  constructor(private readonly parts: PortalParts) {}

  @Get('recovery-codes')
  async describe(@Req() request: FastifyRequest) {
    const { session } = this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { remaining, createdAtMs } = await this.parts.identity.describeRecoveryCodes({ username: session.subject.username });
    const data: z.output<typeof recoveryCodesData> = { remaining, created_at: createdAtMs === null ? null : new Date(createdAtMs).toISOString() };
    return ok(data);
  }

  /** New codes are a second factor: making them takes the one there is, in this session. */
  @Post('recovery-codes')
  @HttpCode(200)
  async renew(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const open = await this.parts.visits.change(request);
    const username = open.session?.subject.username;
    const hasSecondFactor = username !== undefined && (await this.parts.identity.describeTotp({ username })).outcome === 'found';
    const visit = await this.parts.visits.elevated(open, { hasSecondFactor, replaces: true });
    if (!hasSecondFactor) throw noDevice();
    // First, for a fault afterwards would lose codes that were made and the older ones with them.
    const renewed = await this.parts.session.renew({ id: visit.sessionId });
    if (renewed.outcome === 'gone') throw new PortalRefusal(403, ko(MESSAGES.operationFailed));
    handOut(reply, this.parts, visit, renewed.id, renewed.expiresAtMs);
    const made = await this.parts.identity.renewRecoveryCodes({ username: visit.session.subject.username, ip: visit.origin.ip });
    if (made.outcome === 'no_device') throw noDevice();
    const data: z.output<typeof newRecoveryCodesData> = { codes: made.codes };
    return ok(data);
  }

  @Post('recovery-code')
  @HttpCode(200)
  async use(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    await limit(this.parts, 'second_factor_totp', visit.origin.ip);
    const { code, targetURL, requestMethod } = readBody(recoveryCodeRequest, rawBody(request));
    const origin = originOf(request, visit, targetURL, requestMethod);
    const result = await signInWithRecoveryCode(this.parts, visit, { token: code, targetURL, requestMethod, origin });
    switch (result.outcome) {
      case 'refused':
        throw new PortalRefusal(403, ko(SENTENCES[result.reason]));
      case 'banned':
        throw codesBanned(result.untilMs);
      case 'raised':
        handOut(reply, this.parts, visit, result.id, result.expiresAtMs);
        return ok(onwardData(result.onward));
    }
  }
}
