import { firstFactorRequest, ko, logoutRequest, MESSAGES, ok, reauthenticateRequest, safeRedirectionRequest } from '@portcullis/contracts-portal-api';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readBody } from './body.js';
import { clearedSessionCookie } from './cookies.js';
import { endSession, handOut, handOutSignIn, onwardData, originOf, rawBody } from './exchange.js';
import { stateOf } from './portal-data.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import { isSafe } from './return-address.js';
import { signInWithPassword } from './sign-in-with-password.js';

/** An absolute path or anything with a scheme; what readers take in two ways (backslash, spaces) is neither. */
const URI_REFERENCE = /^(?:[a-z][a-z0-9+.-]*:|\/)[^\\\s]*$/i;

const refused = (): PortalRefusal => new PortalRefusal(401, ko(MESSAGES.authenticationFailed));

/** Who am I, signing in with a password, signing out (reference 4.2, 4.3). */
@Controller('api')
export class FirstFactorController {
  constructor(private readonly parts: PortalParts) {}

  @Get('state')
  async state(@Req() request: FastifyRequest) {
    return ok(stateOf(await this.parts.visits.open(request)));
  }

  @Post('firstfactor')
  @HttpCode(200)
  async firstFactor(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const body = readBody(firstFactorRequest, rawBody(request));
    const signedIn = await signInWithPassword(this.parts, visit, { ...body, origin: originOf(request, visit, body.targetURL, body.requestMethod) });
    if (signedIn === null) throw refused();
    handOutSignIn(reply, this.parts, visit, signedIn);
    return ok(onwardData(signedIn.onward));
  }

  @Post('firstfactor/reauthenticate')
  @HttpCode(200)
  async reauthenticate(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { password } = readBody(reauthenticateRequest, rawBody(request));
    const { username } = visit.session.subject;
    const origin = { ...originOf(request, visit), via: 'reauthentication' as const };
    const proof = await this.parts.identity.authenticate({ username, password, origin });
    if (proof.outcome === 'refused') throw refused();
    const raised = await this.parts.session.raise({ id: visit.sessionId, factor: 'password' });
    if (raised.outcome === 'gone') throw refused();
    handOut(reply, this.parts, visit, raised.id, raised.expiresAtMs);
    return ok();
  }

  /** OK only once the session is dead in Redis; a store that is away is 503 and the cookie stays (attack 71). */
  @Post('logout')
  @HttpCode(200)
  async logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const { targetURL } = readBody(logoutRequest, rawBody(request), {});
    if (visit.sessionId !== null) {
      await endSession(this.parts, visit.sessionId);
      reply.header('Set-Cookie', clearedSessionCookie(visit.domain));
    }
    return ok({ safeTargetURL: isSafe(this.parts, targetURL) });
  }

  @Post('checks/safe-redirection')
  @HttpCode(200)
  async safeRedirection(@Req() request: FastifyRequest) {
    const visit = await this.parts.visits.change(request);
    if (visit.session === null) throw new PortalRefusal(401, '401 Unauthorized');
    const { uri = '' } = readBody(safeRedirectionRequest.partial(), rawBody(request));
    return URI_REFERENCE.test(uri) ? ok({ ok: isSafe(this.parts, uri) }) : ko(MESSAGES.operationFailed);
  }
}
