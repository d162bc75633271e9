import type { TextKey } from '@portcullis/domain-portal-texts';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limit } from './exchange.js';
import { html } from './html.js';
import { baseOf, field, queryOf, readForm, show, textsFor } from './page-exchange.js';
import { PortalParts } from './portal-parts.js';
import type { Visit } from './visit.js';

/** "This was not me", from a link in a mail. Done by a press of the button: scanners of mail open links too. */
@Controller('revoke')
export class RevokePagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get(['reset-password', 'one-time-code'])
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#ask(request, reply, 'revoke.explain', 'revoke.submit');
  }

  @Post(['reset-password', 'one-time-code'])
  async revoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.parts.visits.change(request);
    const secret = field(readForm(request), 'secret');
    const { outcome } = request.url.startsWith('/revoke/one-time-code')
      ? await this.parts.identity.revokeElevation({ deleteId: secret })
      : await this.parts.identity.revokeReset({ token: secret });
    if (outcome === 'unknown') return this.#nothing(request, reply);
    const t = textsFor(request);
    return show(request, reply, this.parts, { title: t('revoke.done_title'), body: html`<p>${t('revoke.done')}</p>` });
  }

  @Get('session')
  async askSession(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#ask(request, reply, 'disown.explain', 'disown.submit');
  }

  @Post('session')
  async disown(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { origin } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_finish', origin.ip);
    const disowned = await this.parts.identity.disownSignIn({ token: field(readForm(request), 'secret'), ip: origin.ip });
    if (disowned.outcome === 'refused') return this.#nothing(request, reply);
    const t = textsFor(request);
    const { resetUrl, resetDisabled } = this.parts.settings;
    const reset = resetUrl ?? (resetDisabled ? null : `${baseOf(request, this.parts)}/reset-password/step1`);
    const body = html`<p>${t('disown.done')}</p>
      ${reset === null ? null : html`<p><a class="button" href="${reset}">${t('disown.reset')}</a></p>`}`;
    return show(request, reply, this.parts, { title: t('disown.done_title'), body });
  }

  async #ask(request: FastifyRequest, reply: FastifyReply, explain: TextKey, button: TextKey) {
    const opens: Visit = await this.parts.visits.open(request);
    const t = textsFor(request);
    const query = queryOf(request);
    const secret = (query.get('token') ?? query.get('id') ?? '').slice(0, 4096);
    const action = `${baseOf(request, this.parts)}${request.url.split('?', 1)[0] ?? ''}`;
    const body = html`<p>${t(explain)}</p>
      <form method="post" action="${action}">
        <input type="hidden" name="secret" value="${secret}" /><button>${t(button)}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t('revoke.title'), body, opens });
  }

  #nothing(request: FastifyRequest, reply: FastifyReply) {
    const t = textsFor(request);
    return show(request, reply, this.parts, { title: t('revoke.nothing_title'), body: html`<p>${t('revoke.nothing')}</p>` });
  }
}
