import {
  ko,
  MESSAGES,
  ok,
  totpRegistrationBeginRequest,
  totpRegistrationFinishRequest,
  type totpOptionsData,
  type totpRegisteredData,
} from '@portcullis/contracts-portal-api';
import { Controller, Delete, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readBody } from './body.js';
import { handOut, onwardData, rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import type { Onward } from './return-address.js';
import { raiseLevel } from './sign-in-with-code.js';
import type { SignedInVisit, Visit } from './visit.js';

const failed = (status: number): PortalRefusal => new PortalRefusal(status, ko(MESSAGES.totpRegistrationFailed));
const algorithm = z.enum(['SHA1', 'SHA256', 'SHA512']);

/** Enrolling a one-time password device: begun, proven by a code, only then stored (reference 4.5). */
@Controller('api/secondfactor/totp/register')
export class TotpRegistrationController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async options(@Req() request: FastifyRequest) {
    await this.#enter(await this.parts.visits.open(request));
    const { totp } = this.parts.settings;
    if (totp === null) throw failed(404);
    const data: z.output<typeof totpOptionsData> = {
      algorithm: totp.algorithm,
      algorithms: [...totp.allowedAlgorithms],
      length: totp.digits,
      lengths: [...totp.allowedDigits],
      period: totp.periodS,
      periods: [...totp.allowedPeriodsS],
    };
    return ok(data);
  }

  @Put()
  async begin(@Req() request: FastifyRequest) {
    const { session } = await this.#enter(await this.parts.visits.change(request));
    const body = readBody(totpRegistrationBeginRequest, rawBody(request));
    const asked = algorithm.safeParse(body.algorithm);
    if (!asked.success) throw failed(400);
    const begun = await this.parts.identity.beginTotpRegistration({
      username: session.subject.username,
      handle: session.record.handle,
      settings: { algorithm: asked.data, digits: body.length, periodS: body.period },
    });
    if (begun.outcome === 'not_allowed') throw failed(400);
    return ok({ base32_secret: begun.secret, otpauth_url: begun.url });
  }

  @Post()
  @HttpCode(200)
  async finish(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const open = await this.parts.visits.change(request);
    // Begun while there was none: the device that came since is not replaced without it.
    if (open.session?.level === 1 && (await this.#hasDevice(open))) throw failed(403);
    const visit = await this.#enter(open);
    const { token, continue: goesOn, ...asked } = readBody(totpRegistrationFinishRequest, rawBody(request));
    const { session, origin } = visit;
    const { handle } = session.record;
    const finished = await this.parts.identity.finishTotpRegistration({ username: session.subject.username, handle, code: token, ip: origin.ip });
    if (finished.outcome === 'refused') throw failed(403);
    const way = await this.#goOn(reply, visit, goesOn ? asked : null);
    const data: z.output<typeof totpRegisteredData> = {
      ...(way === null ? {} : onwardData(way)),
      ...(finished.recoveryCodes === undefined ? {} : { recovery_codes: finished.recoveryCodes }),
    };
    return Object.keys(data).length === 0 ? ok() : ok(data);
  }

  /**
   * The code that proved the device is the second factor as well, for who asked to go on by it; all others keep their level under a new id. The
   * device is stored by then and its recovery codes are in no other place: a fault is told to the log, not in place of them.
   */
  async #goOn(reply: FastifyReply, visit: SignedInVisit, asked: Parameters<typeof raiseLevel>[2] | null): Promise<Onward | null> {
    try {
      const raised = asked === null ? await this.#renew(visit) : await raiseLevel(this.parts, visit, asked);
      if (raised !== null) handOut(reply, this.parts, visit, raised.id, raised.expiresAtMs);
      return raised?.onward ?? null;
    } catch (error) {
      this.parts.logger.error('A device was stored, and the session was left as it was', {
        username: visit.session.subject.username,
        error: String(error),
      });
      return null;
    }
  }

  async #renew({ sessionId }: SignedInVisit) {
    const renewed = await this.parts.session.renew({ id: sessionId });
    return renewed.outcome === 'rotated' ? { ...renewed, onward: null } : null;
  }

  @Delete()
  async drop(@Req() request: FastifyRequest) {
    const { session } = await this.#enter(await this.parts.visits.change(request));
    await this.parts.identity.dropTotpRegistration({ username: session.subject.username, handle: session.record.handle });
    return ok();
  }

  /** Elevated; replacing a device needs that device. */
  async #enter(visit: Visit): Promise<SignedInVisit> {
    return this.parts.visits.elevated(visit, { hasSecondFactor: await this.#hasDevice(visit), replaces: true });
  }

  async #hasDevice({ session }: Visit): Promise<boolean> {
    if (session === null) return false;
    return (await this.parts.identity.describeTotp({ username: session.subject.username })).outcome === 'found';
  }
}
