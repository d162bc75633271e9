import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toString as qrCode } from 'qrcode';
import { handOut, limit } from './exchange.js';
import { escapeHtml, Html, html } from './html.js';
import { askedFields, askedOf, askedQuery, baseOf, field, readForm, show, textsFor } from './page-exchange.js';
import { PortalParts } from './portal-parts.js';
import { PortalRefusal } from './portal-refusal.js';
import type { SignedInVisit, Visit } from './visit.js';
import { z } from 'zod';

const algorithm = z.enum(['SHA1', 'SHA256', 'SHA512']);

/** Setting up an authenticator app with plain forms: a mailed code, the secret as picture and text, a code that proves it. */
@Controller('enrol')
export class EnrolPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async enter(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.open(request);
    if (visit.session === null) return reply.redirect(`${baseOf(request, this.parts)}/${askedQuery(askedOf(request))}`, 303);
    const signedIn = this.#mayChange(visit, await this.#hasDevice(visit));
    return signedIn !== null && this.parts.visits.isElevated(signedIn)
      ? this.#begin(request, reply, signedIn)
      : this.#explain(request, reply, visit, signedIn);
  }

  @Post('mail')
  async mail(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { session, origin, domain } = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { username } = session.subject;
    await limit(this.parts, 'session_elevation_start', origin.ip, username);
    const started = await this.parts.identity.startElevation({ username, handle: session.record.handle, ip: origin.ip, domain: domain.domain });
    const t = textsFor(request);
    return started.outcome === 'sent'
      ? this.#askMailedCode(request, reply)
      : show(request, reply, this.parts, { title: t('enrol.no_address_title'), body: html`<p>${t('enrol.no_address')}</p>`, status: 409 });
  }

  @Post('code')
  async elevate(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const code = field(readForm(request), 'code', 64).trim();
    const { session, sessionId, origin } = visit;
    const { username } = session.subject;
    const finished = await this.parts.identity.finishElevation({ username, handle: session.record.handle, ip: origin.ip, code });
    if (finished.outcome === 'refused') return this.#askMailedCode(request, reply, textsFor(request)('enrol.mailed_wrong'));
    const elevated = await this.parts.session.elevate({ id: sessionId, ip: origin.ip, forMs: finished.elevatedForMs });
    if (elevated.outcome === 'gone') throw new PortalRefusal(403, '403 Forbidden');
    handOut(reply, this.parts, visit, elevated.id, elevated.expiresAtMs);
    return reply.redirect(`${baseOf(request, this.parts)}/enrol${askedQuery(askedOf(request))}`, 303);
  }

  @Post('finish')
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const { session, sessionId, origin } = await this.parts.visits.elevated(visit, { hasSecondFactor: await this.#hasDevice(visit), replaces: true });
    const { handle } = session.record;
    const code = field(readForm(request), 'code', 64);
    const finished = await this.parts.identity.finishTotpRegistration({ username: session.subject.username, handle, code, ip: origin.ip });
    const base = baseOf(request, this.parts);
    const query = askedQuery(askedOf(request));
    const t = textsFor(request);
    if (finished.outcome === 'refused') {
      const body = html`<p class="aside"><a href="${base}/enrol${query}">${t('enrol.again')}</a></p>`;
      return show(request, reply, this.parts, { title: t('enrol.wrong_title'), body, bad: t('enrol.wrong'), status: 403 });
    }
    const renewed = await this.parts.session.renew({ id: sessionId });
    if (renewed.outcome === 'rotated') handOut(reply, this.parts, visit, renewed.id, renewed.expiresAtMs);
    const { recoveryCodes = [] } = finished;
    const codes = html`<p>${t('enrol.recovery_codes')}</p>
      <ul>
        ${recoveryCodes.map((each) => html`<li><code>${each}</code></li>`)}
      </ul>`;
    const body = html`<p>${t('enrol.done')}</p>
      ${recoveryCodes.length === 0 ? null : codes}
      <p class="aside"><a href="${base}/${query}">${t('continue')}</a></p>`;
    return show(request, reply, this.parts, { title: t('enrol.done_title'), body });
  }

  /** Replacing a factor needs that factor (attack 70); null: give it first. */
  #mayChange(visit: Visit, hasDevice: boolean): SignedInVisit | null {
    const signedIn = this.parts.visits.signedIn(visit);
    return hasDevice && signedIn.session.level < 2 ? null : signedIn;
  }

  async #hasDevice({ session }: Visit): Promise<boolean> {
    if (session === null) return false;
    return (await this.parts.identity.describeTotp({ username: session.subject.username })).outcome === 'found';
  }

  #explain(request: FastifyRequest, reply: FastifyReply, opens: Visit, signedIn: SignedInVisit | null) {
    const base = baseOf(request, this.parts);
    const asked = askedOf(request);
    const t = textsFor(request);
    if (signedIn === null) {
      const body = html`<p>${t('enrol.has_device')}</p>
        <p class="aside"><a href="${base}/${askedQuery(asked)}">${t('enrol.enter_code')}</a></p>`;
      return show(request, reply, this.parts, { title: t('enrol.title'), body, status: 403, opens, withoutScript: true });
    }
    const body = html`<p>${t(this.parts.settings.look.notices === 'file' ? 'enrol.why_file' : 'enrol.why')}</p>
      <form method="post" action="${base}/enrol/mail">${askedFields(asked)}<button>${t('enrol.send')}</button></form>`;
    return show(request, reply, this.parts, { title: t('enrol.title'), body, opens });
  }

  #askMailedCode(request: FastifyRequest, reply: FastifyReply, bad: string | null = null) {
    const t = textsFor(request);
    const isFile = this.parts.settings.look.notices === 'file';
    const body = html`<p>${t(isFile ? 'prove.file' : 'enrol.mailed')}</p>
      <form method="post" action="${baseOf(request, this.parts)}/enrol/code">
        ${askedFields(askedOf(request))}
        <div class="field">
          <label for="code">${t(isFile ? 'prove.code' : 'enrol.mailed_code')}</label>
          <div class="box"><input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" required autofocus /></div>
        </div>
        <button>${t('continue')}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t(isFile ? 'prove.title' : 'enrol.mailed_title'), body, bad, status: bad === null ? 200 : 403 });
  }

  async #begin(request: FastifyRequest, reply: FastifyReply, opens: SignedInVisit) {
    const { session } = opens;
    const { totp } = this.parts.settings;
    const wanted = algorithm.safeParse(totp?.algorithm);
    if (totp === null || !wanted.success) throw new PortalRefusal(404, '404 Not Found');
    const begun = await this.parts.identity.beginTotpRegistration({
      username: session.subject.username,
      handle: session.record.handle,
      settings: { algorithm: wanted.data, digits: totp.digits, periodS: totp.periodS },
    });
    if (begun.outcome === 'not_allowed') throw new PortalRefusal(404, '404 Not Found');
    const t = textsFor(request);
    const picture = (await qrCode(begun.url, { type: 'svg', margin: 2 })).replace(
      '<svg ',
      `<svg class="qr" role="img" aria-label="${escapeHtml(t('enrol.picture'))}" `,
    );
    const body = html`<p>${t('enrol.scan')}</p>
      ${new Html(picture)}
      <p><a href="${begun.url}">${t('enrol.open')}</a></p>
      <p>${t('enrol.type')} <code>${begun.secret}</code></p>
      <form method="post" action="${baseOf(request, this.parts)}/enrol/finish">
        ${askedFields(askedOf(request))}
        <div class="field">
          <label for="code">${t('enrol.app_code')}</label>
          <div class="box"><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required /></div>
        </div>
        <button>${t('enrol.submit')}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t('enrol.title'), body, opens, withoutScript: true });
  }
}
