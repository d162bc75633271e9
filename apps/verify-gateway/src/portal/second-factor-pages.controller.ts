import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { TextKey } from '@portcullis/domain-portal-texts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { handOut, limit, originOf } from './exchange.js';
import { languageFor } from './language.js';
import { doorOf, goOn } from './onward-page.js';
import { type Asked, askedOf, field, readForm, textsFor } from './page-exchange.js';
import { PortalParts } from './portal-parts.js';
import { askCode, askRecoveryCode, askSecondFactor } from './second-factor-page.js';
import { type CodeResult, signInWithCode, signInWithRecoveryCode } from './sign-in-with-code.js';
import type { SignedInVisit } from './visit.js';

const CODE_TEXTS = { wrong: 'second_factor.wrong', used: 'second_factor.used', no_device: 'second_factor.no_device' } as const;
/** What one never had says the same as what is wrong. */
const RECOVERY_TEXTS = { wrong: 'recovery.wrong', used: 'recovery.used', none: 'recovery.wrong' } as const;

/** The second factor with plain forms: the code of the app, or a recovery code. */
@Controller()
export class SecondFactorPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get('second-factor')
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const asked = askedOf(request);
    const visit = await this.#lacking(request);
    return visit === null ? this.#toDoor(request, reply, asked) : askSecondFactor(request, reply, this.parts, visit, asked);
  }

  @Get('second-factor/recovery')
  async openRecovery(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const asked = askedOf(request);
    const visit = await this.#lacking(request);
    return visit === null ? this.#toDoor(request, reply, asked) : askRecoveryCode(request, reply, this.parts, asked, { opens: visit });
  }

  @Post('sign-in/code')
  async code(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { visit, asked, body } = await this.#read(request);
    const result = await signInWithCode(this.parts, visit, body);
    if (result.outcome === 'raised') return this.#raise(request, reply, visit, asked, result);
    const status = result.outcome === 'malformed' ? 400 : 403;
    return askCode(request, reply, this.parts, asked, { bad: this.#say(request, ...whyNot(result)), status });
  }

  @Post('sign-in/recovery-code')
  async recoveryCode(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { visit, asked, body } = await this.#read(request);
    const result = await signInWithRecoveryCode(this.parts, visit, body);
    if (result.outcome === 'raised') return this.#raise(request, reply, visit, asked, result);
    const said: Said = result.outcome === 'banned' ? ['second_factor.banned', result.untilMs] : [RECOVERY_TEXTS[result.reason], null];
    return askRecoveryCode(request, reply, this.parts, asked, { bad: this.#say(request, ...said), status: 403 });
  }

  /** Somebody with one factor; null for everybody else, whom the door asks for what they lack. */
  async #lacking(request: FastifyRequest): Promise<SignedInVisit | null> {
    const visit = await this.parts.visits.open(request);
    return visit.session?.level === 1 ? this.parts.visits.signedIn(visit) : null;
  }

  #toDoor(request: FastifyRequest, reply: FastifyReply, asked: Asked) {
    return reply.redirect(doorOf(request, this.parts, asked), 303);
  }

  async #read(request: FastifyRequest) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    await limit(this.parts, 'second_factor_totp', visit.origin.ip);
    const asked = askedOf(request);
    const origin = originOf(request, visit, asked.rd, asked.rm);
    return { visit, asked, body: { token: field(readForm(request), 'code', 64), targetURL: asked.rd, requestMethod: asked.rm, origin } };
  }

  #raise(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, asked: Asked, raised: Extract<CodeResult, { outcome: 'raised' }>) {
    handOut(reply, this.parts, visit, raised.id, raised.expiresAtMs);
    return goOn(request, reply, this.parts, raised.onward, asked);
  }

  /** @param untilMs until when it is of no use to try again; null: nobody knows */
  #say(request: FastifyRequest, key: TextKey, untilMs: number | null): string {
    const t = textsFor(request);
    if (untilMs === null) return t(key);
    // Where the person is the gateway cannot know, so it names the zone.
    const time = new Intl.DateTimeFormat(languageFor(request), { timeStyle: 'long', timeZone: 'UTC' }).format(untilMs);
    return t('second_factor.banned_until', { time });
  }
}

type Said = readonly [key: TextKey, untilMs: number | null];

function whyNot(result: Exclude<CodeResult, { outcome: 'raised' }>): Said {
  switch (result.outcome) {
    case 'malformed':
      return ['second_factor.malformed', null];
    case 'refused':
      return [CODE_TEXTS[result.reason], null];
    case 'banned':
      return ['second_factor.banned', result.untilMs];
  }
}
