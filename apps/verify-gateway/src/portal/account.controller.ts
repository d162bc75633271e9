import {
  type configurationData,
  ko,
  MESSAGES,
  ok,
  type passwordPolicyData,
  preferredMethodRequest,
  type userInfoData,
} from '@portcullis/contracts-portal-api';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readBody } from './body.js';
import { rawBody } from './exchange.js';
import { PortalParts } from './portal-parts.js';
import type { SignedInVisit } from './visit.js';

/** What may be known of the installation and of oneself (reference 4.2, 4.4). */
@Controller('api')
export class AccountController {
  constructor(private readonly parts: PortalParts) {}

  @Get('configuration')
  async configuration(@Req() request: FastifyRequest) {
    this.parts.visits.signedIn(await this.parts.visits.open(request));
    const { settings, live } = this.parts;
    const data: z.output<typeof configurationData> = {
      available_methods: live.needsSecondFactor && settings.totp !== null ? ['totp'] : [],
      password_change_disabled: settings.changeDisabled,
      password_reset_disabled: settings.resetDisabled,
    };
    return ok(data);
  }

  @Get('configuration/password-policy')
  passwordPolicy() {
    const { passwordPolicy: policy } = this.parts.settings;
    const data: z.output<typeof passwordPolicyData> = {
      mode: policy.mode,
      min_length: policy.minLength,
      max_length: policy.maxLength,
      min_score: policy.minScore,
      require_uppercase: policy.requireUppercase,
      require_lowercase: policy.requireLowercase,
      require_number: policy.requireNumber,
      require_special: policy.requireSpecial,
    };
    return ok(data);
  }

  @Get('user/info')
  async info(@Req() request: FastifyRequest) {
    return ok(await this.#describe(this.parts.visits.signedIn(await this.parts.visits.open(request)), true));
  }

  /** As GET, without addresses: what the portal asks when it opens. */
  @Post('user/info')
  @HttpCode(200)
  async infoAgain(@Req() request: FastifyRequest) {
    return ok(await this.#describe(this.parts.visits.signedIn(await this.parts.visits.change(request)), false));
  }

  @Post('user/info/2fa_method')
  @HttpCode(200)
  async preferredMethod(@Req() request: FastifyRequest) {
    const { session } = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { method } = readBody(preferredMethodRequest, rawBody(request));
    const { outcome } = await this.parts.identity.setPreferredMethod({ username: session.subject.username, method });
    return outcome === 'stored' ? ok() : ko(MESSAGES.operationFailed);
  }

  async #describe({ session }: SignedInVisit, withAddresses: boolean): Promise<z.output<typeof userInfoData>> {
    const { profile } = session.record;
    const known = await this.parts.identity.describe({ username: profile.username });
    return {
      display_name: profile.displayName,
      emails: withAddresses ? profile.emails.map(maskAddress) : null,
      method: known.outcome === 'known' ? known.preferredMethod : '',
      has_totp: known.outcome === 'known' && known.hasTotp,
      has_webauthn: false,
      has_duo: false,
    };
  }
}

/** First and last character of the local part stay, the rest is `*`; of two or fewer none stays (reference 4.4). */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at === -1) return '*'.repeat(Array.from(address).length);
  const local = Array.from(address.slice(0, at));
  const masked = local.length <= 2 ? local.map(() => '*') : local.map((c, i) => (i === 0 || i === local.length - 1 ? c : '*'));
  return masked.join('') + address.slice(at);
}
