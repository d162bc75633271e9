import { MESSAGES } from '@portcullis/contracts-portal-api';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearedResetCookie, readResetGrant, resetCookie } from './cookies.js';
import { limit } from './exchange.js';
import { html } from './html.js';
import { baseOf, field, queryOf, readForm, show } from './page-exchange.js';
import { type PasswordPolicySettings, PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import { startReset } from './start-reset.js';

const LINK_SENTENCES = {
  used: MESSAGES.linkUsed,
  expired: MESSAGES.linkExpired,
  revoked: MESSAGES.linkRevoked,
  invalid: 'This link is not valid. Ask for a new one.',
} as const;

/** The forgotten password with plain forms. A link is only used up by a press of a button: scanners of mail open links too. */
@Controller()
export class PasswordPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get('reset-password/step1')
  async askName(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    await this.parts.visits.open(request);
    const body = html`<p>A link to set a new password is mailed to you.</p>
      <form method="post" action="${baseOf(request, this.parts)}/reset-password/step1">
        <label for="username">User name</label
        ><input id="username" name="username" autocomplete="username" autocapitalize="none" required autofocus />
        <button>Send the link</button>
      </form>`;
    return show(reply, this.parts, { title: 'Forgot your password?', body });
  }

  @Post('reset-password/step1')
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin, domain } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_start', origin.ip);
    await startReset(this.parts, { username: field(readForm(request), 'username', 256), ip: origin.ip, domain: domain.domain });
    const body = html`<p>If there is such an account, a mail is on its way. The link in it works once and for a few minutes.</p>
      <p>Does the mail hold a token and no link? <a href="${baseOf(request, this.parts)}/reset-password/step2">Enter it here.</a></p>`;
    return show(reply, this.parts, { title: 'Look at your mail', body });
  }

  @Get('reset-password/step2')
  async askToken(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    await this.parts.visits.open(request);
    return this.#askToken(request, reply, tokenIn(request));
  }

  @Post('reset-password/step2')
  async useLink(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin, domain } = await this.parts.visits.change(request);
    await limit(this.parts, 'reset_password_finish', origin.ip);
    const token = field(readForm(request), 'token').trim();
    if (token === '') return this.#askToken(request, reply, '', LINK_SENTENCES.invalid);
    const finished = await this.parts.identity.finishReset({ token, ip: origin.ip, domain: domain.domain });
    if (finished.outcome !== 'granted') return this.#askToken(request, reply, '', LINK_SENTENCES[finished.reason]);
    reply.header('Set-Cookie', resetCookie(finished.grant, finished.expiresAtMs));
    return this.#askPassword(request, reply);
  }

  @Post('reset-password/step3')
  async reset(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    this.#enabled();
    const { origin } = await this.parts.visits.change(request);
    const grant = readResetGrant(request.headers.cookie);
    if (grant === null) return this.#askToken(request, reply, '', LINK_SENTENCES.invalid);
    const form = readForm(request);
    const password = field(form, 'password');
    if (password !== field(form, 'again')) return this.#askPassword(request, reply, 'The two passwords differ.');
    const result = await this.parts.identity.resetPassword({ grant, password, ip: origin.ip });
    if (result.outcome === 'policy') return this.#askPassword(request, reply, MESSAGES.passwordTooWeak);
    reply.header('Set-Cookie', clearedResetCookie());
    if (result.outcome === 'refused') return this.#askToken(request, reply, '', MESSAGES.resetFailed);
    const body = html`<p>Your password was changed, and every session of your account has ended.</p>
      <p><a href="${baseOf(request, this.parts)}/">Sign in</a></p>`;
    return show(reply, this.parts, { title: 'Password changed', body });
  }

  @Get(['revoke/reset-password', 'revoke/one-time-code'])
  async askRevoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.parts.visits.open(request);
    const query = queryOf(request);
    const kind = isOneTimeCode(request) ? 'one-time-code' : 'reset-password';
    const secret = (query.get('token') ?? query.get('id') ?? '').slice(0, 4096);
    const body = html`<p>Somebody asked for this mail. If it was not you, cancel it: it then opens nothing.</p>
      <form method="post" action="${baseOf(request, this.parts)}/revoke/${kind}">
        <input type="hidden" name="secret" value="${secret}" /><button>Cancel it</button>
      </form>`;
    return show(reply, this.parts, { title: 'This was not me', body });
  }

  @Post(['revoke/reset-password', 'revoke/one-time-code'])
  async revoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.parts.visits.change(request);
    const secret = field(readForm(request), 'secret');
    const { outcome } = isOneTimeCode(request)
      ? await this.parts.identity.revokeElevation({ deleteId: secret })
      : await this.parts.identity.revokeReset({ token: secret });
    const body =
      outcome === 'unknown' ? html`<p>There is nothing left to cancel: it was used, cancelled or has expired.</p>` : html`<p>It is cancelled.</p>`;
    return show(reply, this.parts, { title: outcome === 'unknown' ? 'Nothing to cancel' : 'Cancelled', body });
  }

  #enabled(): void {
    if (this.parts.settings.resetDisabled) throw new PortalRefusal(404, '404 Not Found');
  }

  #askToken(request: FastifyRequest, reply: FastifyReply, token: string, bad: string | null = null) {
    const base = baseOf(request, this.parts);
    const input =
      token === ''
        ? html`<label for="token">Token from the mail</label><input id="token" name="token" autocomplete="off" required />`
        : html`<input type="hidden" name="token" value="${token}" />`;
    const body = html`<form method="post" action="${base}/reset-password/step2">${input}<button>Continue</button></form>
      <p><a href="${base}/reset-password/step1">Ask for another mail</a></p>`;
    return show(reply, this.parts, { title: 'Set a new password', body, bad, status: bad === null ? 200 : 403 });
  }

  #askPassword(request: FastifyRequest, reply: FastifyReply, bad: string | null = null) {
    const body = html`<p>${rulesOf(this.parts.settings.passwordPolicy)}</p>
      <form method="post" action="${baseOf(request, this.parts)}/reset-password/step3">
        <label for="password">New password</label
        ><input id="password" name="password" type="password" autocomplete="new-password" required autofocus /> <label for="again">Once more</label
        ><input id="again" name="again" type="password" autocomplete="new-password" required />
        <button>Set the password</button>
      </form>`;
    return show(reply, this.parts, { title: 'Set a new password', body, bad, status: bad === null ? 200 : 400 });
  }
}

const tokenIn = (request: FastifyRequest): string => (queryOf(request).get('token') ?? '').slice(0, 4096);
const isOneTimeCode = ({ url }: FastifyRequest): boolean => url.startsWith('/revoke/one-time-code');

/** The policy in words. */
function rulesOf(policy: PasswordPolicySettings): string {
  if (policy.mode === 'disabled') return 'Any password will do, but choose a good one.';
  if (policy.mode === 'zxcvbn') return 'Choose a password that is hard to guess.';
  const kinds = [
    policy.requireUppercase ? 'a capital letter' : '',
    policy.requireLowercase ? 'a small letter' : '',
    policy.requireNumber ? 'a digit' : '',
    policy.requireSpecial ? 'a special character' : '',
  ].filter((kind) => kind !== '');
  const most = policy.maxLength > 0 ? ` and at most ${policy.maxLength}` : '';
  return `At least ${policy.minLength}${most} characters${kinds.length > 0 ? `, with ${kinds.join(', ')}` : ''}.`;
}
