import { isLanguage } from '@portcullis/domain-portal-texts';
import { isSchemeAllowed } from '@portcullis/domain-redirection';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearedSessionCookie } from './cookies.js';
import { endSession, handOutSignIn, originOf } from './exchange.js';
import { homePage, type Offer } from './home-page.js';
import { html, type Html } from './html.js';
import { languageCookie } from './language.js';
import { asciiUrl, destination, doorOf, goOn, leave } from './onward-page.js';
import { type Asked, askedFields, askedOf, baseOf, field, readForm, show, textsFor } from './page-exchange.js';
import { sitesOf } from './overview.js';
import { lacksSecondFactor, wayFor } from './portal-data.js';
import { PortalParts } from './portal-parts.js';
import { isSafe, type Onward } from './return-address.js';
import { askSecondFactor, hasDevice } from './second-factor-page.js';
import { signInWithPassword } from './sign-in-with-password.js';
import type { SignedInVisit, Visit } from './visit.js';

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
    return goOn(request, reply, this.parts, signedIn.onward, asked);
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
    if (isSafe(this.parts, rd)) return reply.redirect(asciiUrl(rd), 303);
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
    return reply.redirect(doorOf(request, this.parts, askedOf(request)), 303);
  }

  /** What somebody who is signed in already meets at `/`: on to where they were going, what is missing for it, or who they are. */
  async #goOn(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, asked: Asked, way: Onward) {
    if (way.kind !== 'stay' && asked.rd !== '') return leave(request, reply, this.parts, way);
    const lacks = lacksSecondFactor(this.parts, visit);
    // Who is on the way to nowhere is asked for nothing, but offered it.
    return lacks && isSafe(this.parts, asked.rd)
      ? askSecondFactor(request, reply, this.parts, visit, asked)
      : this.#whoYouAre(request, reply, visit, lacks);
  }

  #askPassword(request: FastifyRequest, reply: FastifyReply, visit: Visit, asked: Asked, tried?: { bad: string; status: number; username: string }) {
    const t = textsFor(request);
    const base = baseOf(request, this.parts);
    const name = tried?.username ?? '';
    const autofocus = html`autofocus`;
    const body = html`${destination(request, this.parts, asked)}
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

  async #whoYouAre(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, lacks: boolean) {
    const t = textsFor(request);
    const [sites, offers] = await Promise.all([sitesOf(this.parts, visit), lacks && this.#offerFor(visit)]);
    const body = homePage(visit, { sites, offers: offers === false ? null : offers }, baseOf(request, this.parts), t);
    return show(request, reply, this.parts, { title: t('home.title'), body, opens: visit });
  }

  async #offerFor(visit: SignedInVisit): Promise<Offer> {
    return (await hasDevice(this.parts, visit)) ? 'confirm' : 'enrol';
  }

  #needsHttps(request: FastifyRequest, reply: FastifyReply) {
    const t = textsFor(request);
    const body = html`<p>${t('https.explain', { header: 'X-Forwarded-Proto: https' })}</p>`;
    return show(request, reply, this.parts, { title: t('https.title'), body, status: 400 });
  }
}

/** Opened from here, from a site of the same domain or by hand (Fetch Metadata): not by a link that a stranger laid out. */
const isFromBeside = ({ headers }: FastifyRequest): boolean => ['same-origin', 'same-site', 'none'].includes(String(headers['sec-fetch-site']));
