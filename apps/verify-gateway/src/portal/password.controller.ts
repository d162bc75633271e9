import {
  changePasswordRequest,
  ko,
  MESSAGES,
  ok,
  resetFinishRequest,
  resetPasswordRequest,
  resetRevokeRequest,
  resetStartRequest,
} from '@portcullis/contracts-portal-api';
import { Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readBody } from './body.js';
import { clearedResetCookie, readResetGrant, resetCookie } from './cookies.js';
import { handOut, limit, originOf, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import { startReset } from './start-reset.js';

const LINK_SENTENCES = {
  used: MESSAGES.linkUsed,
  expired: MESSAGES.linkExpired,
  revoked: MESSAGES.linkRevoked,
  invalid: MESSAGES.operationFailed,
} as const;

/** The forgotten and the changed password (reference 4.8). */
@Controller('api')
export class PasswordController {
  constructor(private readonly parts: PortalParts) {}

  /** The same answer for every name. */
  @Post('reset-password/identity/start')
  @HttpCode(200)
  async startReset(@Req() request: FastifyRequest) {
    const { origin, domain } = await this.#openReset(request);
    await limit(this.parts, 'reset_password_start', origin.ip);
    const { username } = readBody(resetStartRequest, rawBody(request));
    await startReset(this.parts, { username, ip: origin.ip, domain: domain.domain });
    return ok();
  }

  /** The right to reset goes into a cookie of its own, bound to the link: no id that a client chose is adopted (attack 72). */
  @Post('reset-password/identity/finish')
  @HttpCode(200)
  async finishReset(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { origin, domain } = await this.#openReset(request);
    await limit(this.parts, 'reset_password_finish', origin.ip);
    const { token } = readBody(resetFinishRequest, rawBody(request));
    const finished = await this.parts.identity.finishReset({ token, ip: origin.ip, domain: domain.domain });
    if (finished.outcome !== 'granted') return ko(LINK_SENTENCES[finished.reason]);
    reply.header('Set-Cookie', resetCookie(finished.grant, finished.expiresAtMs));
    return ok();
  }

  @Post('reset-password')
  @HttpCode(200)
  async reset(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { origin } = await this.#openReset(request);
    const grant = readResetGrant(request.headers.cookie);
    if (grant === null) return ko(MESSAGES.resetFailed);
    const { password } = readBody(resetPasswordRequest, rawBody(request));
    const result = await this.parts.identity.resetPassword({ grant, password, ip: origin.ip });
    if (result.outcome === 'policy') return ko(MESSAGES.passwordTooWeak);
    reply.header('Set-Cookie', clearedResetCookie());
    return result.outcome === 'reset' ? ok() : ko(MESSAGES.resetFailed);
  }

  @Delete('reset-password')
  async revokeReset(@Req() request: FastifyRequest) {
    await this.#openReset(request);
    const { token } = readBody(resetRevokeRequest, rawBody(request));
    const { outcome } = await this.parts.identity.revokeReset({ token });
    return outcome === 'unknown' ? ko(MESSAGES.operationFailed) : ok();
  }

  @Post('change-password')
  @HttpCode(200)
  async change(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    if (this.parts.settings.changeDisabled) throw new PortalRefusal(404, '404 Not Found');
    const open = await this.parts.visits.change(request);
    const username = open.session?.subject.username;
    const hasSecondFactor = username !== undefined && (await this.parts.identity.describeTotp({ username })).outcome === 'found';
    const visit = await this.parts.visits.elevated(open, { hasSecondFactor, replaces: false });
    const { old_password: oldPassword, new_password: newPassword } = readBody(changePasswordRequest, rawBody(request));
    const origin = { ...originOf(request, visit), via: 'change_password' as const };
    const keepSessionId = visit.sessionId;
    const changed = await this.parts.identity.changePassword({
      username: visit.session.subject.username,
      oldPassword,
      newPassword,
      keepSessionId,
      origin,
    });
    switch (changed.outcome) {
      case 'refused':
        throw new PortalRefusal(401, ko(MESSAGES.incorrectPassword));
      case 'policy':
        throw new PortalRefusal(400, ko(MESSAGES.passwordTooWeak));
      case 'disabled':
        throw new PortalRefusal(403, ko(MESSAGES.operationFailed));
      case 'changed': {
        const renewed = await this.parts.session.renew({ id: visit.sessionId });
        if (renewed.outcome === 'rotated') handOut(reply, this.parts, visit, renewed.id, renewed.expiresAtMs);
        return ok();
      }
    }
  }

  async #openReset(request: FastifyRequest) {
    if (this.parts.settings.resetDisabled) throw new PortalRefusal(404, '404 Not Found');
    return this.parts.visits.change(request);
  }
}
