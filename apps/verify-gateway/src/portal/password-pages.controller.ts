import type { Translate } from '@portcullis/domain-portal-texts';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearedResetCookie, readResetGrant, resetCookie } from './cookies.js';
import { limit } from './exchange.js';
import { html, type Html } from './html.js';
import { baseOf, field, queryOf, readForm, show, type Shown, textsFor } from './page-exchange.js';
import { type PasswordPolicySettings, PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import { startReset } from './start-reset.js';

const LINK_TEXTS = { used: 'link.used', expired: 'link.expired', revoked: 'link.revoked', invalid: 'link.invalid' } as const;

/** The forgotten password with plain forms. A link is only used up by a press of a button: scanners of mail open links too. */
@Controller()
export class PasswordPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get('reset-password/step1')
  async askName(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const opens = await this.parts.visits.open(request);
    const t = textsFor(request);
    const body = html`<p>${t(this.#isFile ? 'forgot.explain_file' : 'forgot.explain')}</p>
      <form method="post" action="${baseOf(request, this.parts)}/reset-password/step1">
        <div class="field">
          <label for="username">${t('sign_in.username')}</label>
          <div class="box"><input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus /></div>
        </div>
        <button>${t('forgot.submit')}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t('forgot.title'), body, opens });
  }

  @Post('reset-password/step1')
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin, domain } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_start', origin.ip);
    await startReset(this.parts, { username: field(readForm(request), 'username', 256), ip: origin.ip, domain: domain.domain });
    const t = textsFor(request);
    const body = html`<p>${t(this.#isFile ? 'forgot.sent_file' : 'forgot.sent')}</p>
      <p class="aside"><a href="${baseOf(request, this.parts)}/reset-password/step2">${t('forgot.has_token')}</a></p>`;
    return show(request, reply, this.parts, { title: t(this.#isFile ? 'forgot.sent_file_title' : 'forgot.sent_title'), body });
  }

  @Get('reset-password/step2')
  async askToken(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const opens = await this.parts.visits.open(request);
    return this.#askToken(request, reply, tokenIn(request), { opens });
  }

  @Post('reset-password/step2')
  async useLink(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin, domain } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_finish', origin.ip);
    const token = field(readForm(request), 'token').trim();
    const t = textsFor(request);
    if (token === '') return this.#askToken(request, reply, '', { bad: t('link.invalid') });
    const finished = await this.parts.identity.finishReset({ token, ip: origin.ip, domain: domain.domain });
    if (finished.outcome !== 'granted') return this.#askToken(request, reply, '', { bad: t(LINK_TEXTS[finished.reason]) });
    reply.header('Set-Cookie', resetCookie(finished.grant, finished.expiresAtMs));
    return this.#askPassword(request, reply);
  }

  @Post('reset-password/step3')
  async reset(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin } = await this.parts.visits.change(request);
    const t = textsFor(request);
    const grant = readResetGrant(request.headers.cookie);
    if (grant === null) return this.#askToken(request, reply, '', { bad: t('link.invalid') });
    const form = readForm(request);
    const password = field(form, 'password');
    if (password !== field(form, 'again')) return this.#askPassword(request, reply, t('reset.differ'));
    const result = await this.parts.identity.resetPassword({ grant, password, ip: origin.ip });
    if (result.outcome === 'policy') return this.#askPassword(request, reply, t('reset.too_weak'));
    reply.header('Set-Cookie', clearedResetCookie());
    if (result.outcome === 'refused') return this.#askToken(request, reply, '', { bad: t('reset.failed') });
    const body = html`<p>${t('reset.done')}</p>
      <p class="aside"><a href="${baseOf(request, this.parts)}/">${t('sign_in.title')}</a></p>`;
    return show(request, reply, this.parts, { title: t('reset.done_title'), body });
  }

  /** Notices go to a file that the administrator reads. */
  get #isFile(): boolean {
    return this.parts.settings.look.notices === 'file';
  }

  #enabled(): void {
    if (this.parts.settings.resetDisabled) throw new PortalRefusal(404, '404 Not Found');
  }

  #askToken(request: FastifyRequest, reply: FastifyReply, token: string, more: Pick<Shown, 'bad' | 'opens'>) {
    const t = textsFor(request);
    const base = baseOf(request, this.parts);
    const input =
      token === ''
        ? html`<div class="field">
            <label for="token">${t('reset.token')}</label>
            <div class="box"><input id="token" name="token" autocomplete="off" required /></div>
          </div>`
        : html`<input type="hidden" name="token" value="${token}" />`;
    const body = html`${token === '' ? null : html`<p>${t('reset.explain')}</p>`}
      <form method="post" action="${base}/reset-password/step2">${input}<button>${t('continue')}</button></form>
      <p class="aside"><a href="${base}/reset-password/step1">${t('forgot.again')}</a></p>`;
    return show(request, reply, this.parts, { title: t('reset.title'), body, status: more.bad === undefined ? 200 : 403, ...more });
  }

  #askPassword(request: FastifyRequest, reply: FastifyReply, bad: string | null = null) {
    const t = textsFor(request);
    const body = html`${rulesOf(this.parts.settings.passwordPolicy, t)}
      <form method="post" action="${baseOf(request, this.parts)}/reset-password/step3">
        <div class="field">
          <label for="password">${t('reset.password')}</label>
          <div class="box"><input id="password" name="password" type="password" autocomplete="new-password" required autofocus /></div>
        </div>
        <div class="field">
          <label for="again">${t('reset.again')}</label>
          <div class="box"><input id="again" name="again" type="password" autocomplete="new-password" required /></div>
        </div>
        <button>${t('reset.submit')}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t('reset.title'), body, bad, status: bad === null ? 200 : 400 });
  }
}

const tokenIn = (request: FastifyRequest): string => (queryOf(request).get('token') ?? '').slice(0, 4096);

/** The policy in words. */
function rulesOf(policy: PasswordPolicySettings, t: Translate): Html {
  if (policy.mode !== 'standard') return html`<p>${t(policy.mode === 'disabled' ? 'policy.any' : 'policy.guess')}</p>`;
  const rules = [
    policy.minLength > 0 ? t('policy.min', { count: policy.minLength }) : '',
    policy.maxLength > 0 ? t('policy.max', { count: policy.maxLength }) : '',
    policy.requireUppercase ? t('policy.uppercase') : '',
    policy.requireLowercase ? t('policy.lowercase') : '',
    policy.requireNumber ? t('policy.number') : '',
    policy.requireSpecial ? t('policy.special') : '',
  ].filter((rule) => rule !== '');
  return html`<p>${t('policy.title')}</p>
    <ul class="rules">
      ${rules.map((rule) => html`<li>${rule}</li>`)}
    </ul>`;
}
