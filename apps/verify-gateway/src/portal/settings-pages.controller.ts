import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from './html.js';
import { baseOf, show, textsFor } from './page-exchange.js';
import { PortalParts } from './portal-parts.js';

/** The settings are pages in the browser; without JavaScript they name what can be done without it. */
@Controller('settings')
export class SettingsPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get(['', 'security', 'two-factor-authentication', 'sessions', 'history'])
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const opens = await this.parts.visits.open(request);
    const { resetDisabled, resetUrl, totp } = this.parts.settings;
    const base = baseOf(request, this.parts);
    const t = textsFor(request);
    const reset = resetDisabled ? null : html`<li><a href="${resetUrl ?? `${base}/reset-password/step1`}">${t('reset.title')}</a></li>`;
    const body = html`<p>${t('settings.needs_script')}</p>
      <ul>
        ${totp === null ? null : html`<li><a href="${base}/enrol">${t('must_enrol.submit')}</a></li>`} ${reset}
        <li><a href="${base}/logout">${t('home.sign_out')}</a></li>
      </ul>
      <p class="aside"><a href="${base}/">${t('forbidden.account')}</a></p>`;
    return show(request, reply, this.parts, { title: t('home.settings'), body, opens, withoutScript: true });
  }
}
