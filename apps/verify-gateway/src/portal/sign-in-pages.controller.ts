import { isLanguage } from '@portcullis/domain-portal-texts';
import { isSafeRedirection, isSchemeAllowed, parseTarget } from '@portcullis/domain-redirection';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearedSessionCookie } from './cookies.js';
import { endSession, handOut, handOutSignIn, limit, originOf } from './exchange.js';
import { homePage } from './home-page.js';
import { html, type Html } from './html.js';
import { languageCookie } from './language.js';
import { type Asked, askedFields, askedOf, askedQuery, baseOf, field, readForm, show, type Shown, textsFor } from './page-exchange.js';
import { sitesOf } from './overview.js';
import { wayFor } from './portal-data.js';
import { PortalParts } from './portal-parts.js';
import type { Onward } from './return-address.js';
import { signInWithCode } from './sign-in-with-code.js';
import { signInWithPassword } from './sign-in-with-password.js';
import type { SignedInVisit, Visit } from './visit.js';

const CODE_TEXTS = {
  wrong: 'second_factor.wrong',
  used: 'second_factor.used',
  no_device: 'second_factor.no_device',
} as const;

/** Signing in and out with plain forms: the road that needs no JavaScript. */
@Controller()
export class SignInPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async home(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.open(request);
    const asked = askedOf(request);
    if (!isSchemeAllowed(visit.origin.scheme, visit.domain.domain)) return this.#needsHttps(request, reply);
    if (visit.session === null || visit.session.level === 0) return this.#askPassword(request, reply, visit, asked);
    return this.#goOn(request, reply, this.parts.visits.signedIn(visit), asked, wayFor(this.parts, visit, asked));
  }

  @Post('sign-in')
  async password(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const form = readForm(request);
    const asked = askedOf(request);
    const [username, password] = [field(form, 'username', 256), field(form, 'password')];
    const retry = (bad: string, status: number) => this.#askPassword(request, reply, visit, asked, { bad, status, username });
    const t = textsFor(request);
    if (username === '' || password === '') return retry(t('sign_in.missing'), 400);
    const origin = originOf(request, visit, asked.rd, asked.rm);
    const keepMeLoggedIn = form.get('remember') === 'on';
    const signedIn = await signInWithPassword(this.parts, visit, {
      username,
      password,
      keepMeLoggedIn,
      targetURL: asked.rd,
      requestMethod: asked.rm,
      origin,
    });
    if (signedIn === null) return retry(t('sign_in.refused'), 401);
    handOutSignIn(reply, this.parts, visit, signedIn);
    return signedIn.onward.kind === 'stay' ? reply.redirect(this.#home(request, asked), 303) : this.#leave(request, reply, signedIn.onward);
  }

  @Post('sign-in/code')
  async code(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    await limit(this.parts, 'second_factor_totp', visit.origin.ip);
    const form = readForm(request);
    const asked = askedOf(request);
    const origin = originOf(request, visit, asked.rd, asked.rm);
    const result = await signInWithCode(this.parts, visit, { token: field(form, 'code', 64), targetURL: asked.rd, requestMethod: asked.rm, origin });
    switch (result.outcome) {
      case 'malformed':
        return this.#askCode(request, reply, asked, { bad: textsFor(request)('second_factor.malformed'), status: 400 });
      case 'refused':
        return this.#askCode(request, reply, asked, { bad: textsFor(request)(CODE_TEXTS[result.reason]), status: 403 });
      case 'banned':
        return this.#askCode(request, reply, asked, { bad: textsFor(request)('second_factor.banned'), status: 403 });
      case 'raised':
        handOut(reply, this.parts, visit, result.id, result.expiresAtMs);
        return result.onward.kind === 'stay' ? reply.redirect(this.#home(request, asked), 303) : this.#leave(request, reply, result.onward);
    }
  }

  @Get('logout')
  async askSignOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.open(request);
    const t = textsFor(request);
    const atOnce = isFromBeside(request) ? html` data-at-once` : null;
    const body = html`<p>${t('sign_out.explain')}</p>
      <form method="post" action="${baseOf(request, this.parts)}/sign-out"${atOnce}>
        ${askedFields(askedOf(request))}<button>${t('sign_out.submit')}</button>
      </form>`;
    return show(request, reply, this.parts, { title: t('sign_out.title'), body, opens: visit });
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const { rd } = askedOf(request);
    if (visit.sessionId !== null) {
      await endSession(this.parts, visit.sessionId);
      reply.header('Set-Cookie', clearedSessionCookie(visit.domain));
    }
    if (this.#isSafe(rd)) return reply.redirect(asciiUrl(rd), 303);
    const t = textsFor(request);
    const body = html`<p>${t('signed_out.explain')}</p>
      <p class="aside"><a href="${baseOf(request, this.parts)}/">${t('signed_out.again')}</a></p>`;
    return show(request, reply, this.parts, { title: t('signed_out.title'), body });
  }

  /** The language menu for people without JavaScript. */
  @Post('language')
  async language(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.parts.visits.change(request);
    const language = field(readForm(request), 'language', 16);
    if (isLanguage(language)) reply.header('Set-Cookie', languageCookie(language));
    return reply.redirect(this.#home(request, askedOf(request)), 303);
  }

  /** What somebody who is signed in already meets at `/`: on to where they were going, what is missing for it, or who they are. */
  async #goOn(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, asked: Asked, way: Onward) {
    if (way.kind !== 'stay' && asked.rd !== '') return this.#leave(request, reply, way);
    const { level, record } = visit.session;
    const wantsCode = level === 1 && this.parts.live.needsSecondFactor;
    if (!wantsCode) return this.#whoYouAre(request, reply, visit);
    const known = await this.parts.identity.describeTotp({ username: record.profile.username });
    return known.outcome === 'found' ? this.#askCode(request, reply, asked, { opens: visit }) : this.#mustEnrol(request, reply, visit, asked);
  }

  #leave(request: FastifyRequest, reply: FastifyReply, way: Exclude<Onward, { kind: 'stay' }>) {
    switch (way.kind) {
      case 'redirect':
        return reply.redirect(asciiUrl(way.to), 303);
      case 'portal':
        return this.#elsewhere(request, reply, way.at);
      case 'forbidden':
        return this.#forbidden(request, reply);
    }
  }

  #elsewhere(request: FastifyRequest, reply: FastifyReply, at: string) {
    const t = textsFor(request);
    const body = html`<p>${t('other_portal.explain')}</p>
      <p><a href="${at}">${at}</a></p>`;
    return show(request, reply, this.parts, { title: t('other_portal.title'), body });
  }

  #forbidden(request: FastifyRequest, reply: FastifyReply) {
    const t = textsFor(request);
    const body = html`<p>${t('forbidden.explain')}</p>
      <p class="aside"><a href="${baseOf(request, this.parts)}/">${t('forbidden.account')}</a></p>`;
    return show(request, reply, this.parts, { title: t('forbidden.title'), body, status: 403 });
  }

  #askPassword(request: FastifyRequest, reply: FastifyReply, visit: Visit, asked: Asked, tried?: { bad: string; status: number; username: string }) {
    const t = textsFor(request);
    const base = baseOf(request, this.parts);
    const name = tried?.username ?? '';
    const autofocus = html`autofocus`;
    const body = html`${this.#destination(request, asked)}
      <form method="post" action="${base}/sign-in">
        ${askedFields(asked)}
        <div class="field">
          <label for="username">${t('sign_in.username')}</label>
          <div class="box">
            <input
              id="username"
              name="username"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
              required
              ${name === '' ? autofocus : null}
              value="${name}"
            />
          </div>
        </div>
        <div class="field">
          <label for="password">${t('sign_in.password')}</label>
          <div class="box has-end">
            <input id="password" name="password" type="password" autocomplete="current-password" required ${name === '' ? null : autofocus} />
          </div>
        </div>
        ${
          visit.domain.rememberMe
            ? html`<label class="check"><input type="checkbox" name="remember" /> <span>${t('sign_in.remember')}</span></label>`
            : null
        }
        ${this.#privacy(request)}
        <button>${t('sign_in.submit')}</button>
      </form>
      ${this.#forgotten(request)}`;
    const { bad = null, status = 200 } = tried ?? {};
    // A page that answers a form stays plain: a form without JavaScript led to it.
    return show(request, reply, this.parts, { title: t('sign_in.title'), body, bad, status, ...(tried === undefined ? { opens: visit } : {}) });
  }

  #privacy(request: FastifyRequest): Html | null {
    const { privacyAcceptance, privacyUrl } = this.parts.settings.look;
    if (!privacyAcceptance || privacyUrl === null) return null;
    const t = textsFor(request);
    return html`<div class="consent">
      <label class="check"><input type="checkbox" name="privacy" required /> <span>${t('privacy.accept')}</span></label>
      <a href="${privacyUrl}" target="_blank" rel="noreferrer">${t('privacy.read')} <span class="unseen">(${t('new_window')})</span></a>
    </div>`;
  }

  #forgotten(request: FastifyRequest): Html | null {
    const { resetUrl, resetDisabled } = this.parts.settings;
    if (resetUrl === null && resetDisabled) return null;
    const address = resetUrl ?? `${baseOf(request, this.parts)}/reset-password/step1`;
    return html`<p class="aside"><a href="${address}">${textsFor(request)('sign_in.forgot')}</a></p>`;
  }

  #askCode(request: FastifyRequest, reply: FastifyReply, asked: Asked, more: Pick<Shown, 'bad' | 'status' | 'opens'>) {
    const t = textsFor(request);
    const base = baseOf(request, this.parts);
    const body = html`${this.#destination(request, asked)}
      <p>${t('second_factor.explain')}</p>
      <form method="post" action="${base}/sign-in/code">
        ${askedFields(asked)}
        <div class="field">
          <label for="code">${t('second_factor.code')}</label>
          <div class="box"><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus /></div>
        </div>
        <button>${t('continue')}</button>
      </form>
      <div class="asides"><a href="${base}/logout">${t('home.sign_out')}</a></div>`;
    return show(request, reply, this.parts, { title: t('second_factor.title'), body, ...more });
  }

  #mustEnrol(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, asked: Asked) {
    const t = textsFor(request);
    const base = baseOf(request, this.parts);
    const body = html`<p>${t('must_enrol.explain', { name: visit.session.record.profile.displayName })}</p>
      <a class="button" href="${base}/enrol${this.#isSafe(asked.rd) ? askedQuery(asked) : ''}">${t('must_enrol.submit')}</a>
      <div class="asides"><a href="${base}/logout">${t('home.sign_out')}</a></div>`;
    return show(request, reply, this.parts, { title: t('must_enrol.title'), body, opens: visit });
  }

  async #whoYouAre(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit) {
    const t = textsFor(request);
    const body = homePage(visit, await sitesOf(this.parts, visit), baseOf(request, this.parts), t);
    return show(request, reply, this.parts, { title: t('home.title'), body, opens: visit });
  }

  #needsHttps(request: FastifyRequest, reply: FastifyReply) {
    const t = textsFor(request);
    const body = html`<p>${t('https.explain', { header: 'X-Forwarded-Proto: https' })}</p>`;
    return show(request, reply, this.parts, { title: t('https.title'), body, status: 400 });
  }

  /** The host one will return to, named only where it is one of ours. */
  #destination(request: FastifyRequest, { rd }: Asked): Html | null {
    const host = this.#isSafe(rd) ? parseTarget(rd)?.host : undefined;
    return host === undefined ? null : html`<p>${textsFor(request)('sign_in.continue_to', { host })}</p>`;
  }

  #home(request: FastifyRequest, asked: Asked): string {
    return `${baseOf(request, this.parts)}/${askedQuery(asked)}`;
  }

  #isSafe(url: string): boolean {
    return isSafeRedirection(
      url,
      this.parts.settings.domains.map(({ domain }) => domain),
    );
  }
}

/** Opened from here, from a site of the same domain or by hand (Fetch Metadata): not by a link that a stranger laid out. */
const isFromBeside = ({ headers }: FastifyRequest): boolean => ['same-origin', 'same-site', 'none'].includes(String(headers['sec-fetch-site']));

/** A header holds bytes: what is not ASCII goes percent-encoded (RFC 3986 section 2.1). */
const asciiUrl = (url: string): string => new URL(url).href;
