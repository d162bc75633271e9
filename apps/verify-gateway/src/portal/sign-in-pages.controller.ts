import { MESSAGES } from '@portcullis/contracts-portal-api';
import { isSafeRedirection, isSchemeAllowed, parseTarget } from '@portcullis/domain-redirection';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearedSessionCookie } from './cookies.js';
import { handOut, limit, originOf } from './exchange.js';
import { html, type Html } from './html.js';
import { type Asked, askedFields, askedOf, askedQuery, baseOf, field, readForm, show } from './page-exchange.js';
import { wayFor } from './portal-data.js';
import { PortalParts } from './portal-parts.js';
import type { Onward } from './return-address.js';
import { signInWithCode } from './sign-in-with-code.js';
import { signInWithPassword } from './sign-in-with-password.js';
import type { SignedInVisit, Visit } from './visit.js';

const CODE_SENTENCES = {
  wrong: 'That code is wrong. Wait for the next one and try again.',
  used: MESSAGES.codeUsed,
  no_device: MESSAGES.noDevice,
  banned: MESSAGES.codesBanned,
} as const;

/** Signing in and out with plain forms: the road that needs no JavaScript. */
@Controller()
export class SignInPagesController {
  constructor(private readonly parts: PortalParts) {}

  @Get()
  async home(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.open(request);
    const asked = askedOf(request);
    if (!isSchemeAllowed(visit.origin.scheme, visit.domain.domain)) return this.#needsHttps(reply);
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
    if (username === '' || password === '') return retry('Enter your user name and your password.', 400);
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
    if (signedIn === null) return retry(MESSAGES.authenticationFailed, 401);
    handOut(reply, this.parts, visit, signedIn.id, signedIn.expiresAtMs);
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
        return this.#askCode(request, reply, asked, 'A code has six or eight digits.', 400);
      case 'refused':
        return this.#askCode(request, reply, asked, CODE_SENTENCES[result.reason], 403);
      case 'raised':
        handOut(reply, this.parts, visit, result.id, result.expiresAtMs);
        return result.onward.kind === 'stay' ? reply.redirect(this.#home(request, asked), 303) : this.#leave(request, reply, result.onward);
    }
  }

  @Get('logout')
  async askSignOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.parts.visits.open(request);
    const asked = askedOf(request);
    const body = html`<p>You will be asked to sign in again at every site behind this gate.</p>
      <form method="post" action="${baseOf(request, this.parts)}/sign-out">${askedFields(asked)}<button>Sign out</button></form>`;
    return show(reply, this.parts, { title: 'Sign out', body });
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = await this.parts.visits.change(request);
    const { rd } = askedOf(request);
    if (visit.sessionId !== null) {
      await this.parts.session.end({ id: visit.sessionId, reason: 'logout' });
      this.parts.sessions.forget(visit.sessionId);
      reply.header('Set-Cookie', clearedSessionCookie(visit.domain));
    }
    if (this.#isSafe(rd)) return reply.redirect(asciiUrl(rd), 303);
    return show(reply, this.parts, {
      title: 'Signed out',
      body: html`<p>You are signed out.</p>
        <p><a href="${baseOf(request, this.parts)}/">Sign in again</a></p>`,
    });
  }

  /** What somebody who is signed in already meets at `/`: on to where they were going, what is missing for it, or who they are. */
  async #goOn(request: FastifyRequest, reply: FastifyReply, visit: SignedInVisit, asked: Asked, way: Onward) {
    if (way.kind !== 'stay' && asked.rd !== '') return this.#leave(request, reply, way);
    const { level, record } = visit.session;
    const wantsCode = level === 1 && this.parts.live.needsSecondFactor;
    if (!wantsCode) return this.#whoYouAre(request, reply, visit);
    const known = await this.parts.identity.describeTotp({ username: record.profile.username });
    return known.outcome === 'found' ? this.#askCode(request, reply, asked) : this.#mustEnrol(request, reply, visit, asked);
  }

  #leave(request: FastifyRequest, reply: FastifyReply, way: Exclude<Onward, { kind: 'stay' }>) {
    switch (way.kind) {
      case 'redirect':
        return reply.redirect(asciiUrl(way.to), 303);
      case 'portal':
        return show(reply, this.parts, {
          title: 'Another portal',
          body: html`<p>That site has a portal of its own: <a href="${way.at}">${way.at}</a></p>`,
        });
      case 'forbidden': {
        const body = html`<p>You are signed in, but your account may not open that site. Ask whoever runs it.</p>
          <p><a href="${baseOf(request, this.parts)}/">Your account</a></p>`;
        return show(reply, this.parts, { title: 'No access', body, status: 403 });
      }
    }
  }

  #askPassword(request: FastifyRequest, reply: FastifyReply, visit: Visit, asked: Asked, tried?: { bad: string; status: number; username: string }) {
    const base = baseOf(request, this.parts);
    const name = tried?.username ?? '';
    const autofocus = html`autofocus`;
    const remember = visit.domain.rememberMe ? html`<label class="line"><input type="checkbox" name="remember" /> Remember me</label>` : null;
    const body = html`${this.#destination(asked)}
      <form method="post" action="${base}/sign-in">
        ${askedFields(asked)}
        <label for="username">User name</label
        ><input
          id="username"
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          ${name === '' ? autofocus : null}
          value="${name}"
        />
        <label for="password">Password</label
        ><input id="password" name="password" type="password" autocomplete="current-password" required ${name === '' ? null : autofocus} /> ${remember}<button>Sign in</button>
      </form>
      ${this.#forgotten(base)}`;
    return show(reply, this.parts, { title: 'Sign in', body, bad: tried?.bad ?? null, status: tried?.status ?? 200 });
  }

  #forgotten(base: string): Html | null {
    const { resetUrl, resetDisabled } = this.parts.settings;
    if (resetUrl !== null) return html`<p><a href="${resetUrl}">Forgot your password?</a></p>`;
    return resetDisabled ? null : html`<p><a href="${base}/reset-password/step1">Forgot your password?</a></p>`;
  }

  #askCode(request: FastifyRequest, reply: FastifyReply, asked: Asked, bad: string | null = null, status = 200) {
    const base = baseOf(request, this.parts);
    const body = html`${this.#destination(asked)}
      <p>Enter the code that your authenticator app shows.</p>
      <form method="post" action="${base}/sign-in/code">
        ${askedFields(asked)}
        <label for="code">Code</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus />
        <button>Continue</button>
      </form>
      <p><a href="${base}/logout">Sign out</a></p>`;
    return show(reply, this.parts, { title: 'Second factor', body, bad, status });
  }

  #mustEnrol(request: FastifyRequest, reply: FastifyReply, { session }: SignedInVisit, asked: Asked) {
    const base = baseOf(request, this.parts);
    const body = html`<p>Hello ${session.record.profile.displayName}. What you may open asks for a second factor, and you have none yet.</p>
      <form method="get" action="${base}/enrol">${askedFields(asked)}<button>Set up an authenticator app</button></form>
      <p><a href="${base}/logout">Sign out</a></p>`;
    return show(reply, this.parts, { title: 'One more step', body });
  }

  #whoYouAre(request: FastifyRequest, reply: FastifyReply, { session, domain }: SignedInVisit) {
    const base = baseOf(request, this.parts);
    const home =
      domain.defaultRedirectionUrl === null ? null : html`<p><a href="${domain.defaultRedirectionUrl}">Go to ${domain.defaultRedirectionUrl}</a></p>`;
    const body = html`<p>
        You are signed in as ${session.record.profile.displayName}, with ${session.level === 2 ? 'two factors' : 'your password'}.
      </p>
      ${home}
      <form method="get" action="${base}/enrol"><button class="plain">Authenticator app</button></form>
      <form method="get" action="${base}/logout"><button class="plain">Sign out</button></form>`;
    return show(reply, this.parts, { title: 'Signed in', body });
  }

  #needsHttps(reply: FastifyReply) {
    const body = html`<p>
      The proxy in front must serve this portal over https and send <code>X-Forwarded-Proto: https</code>. Over http a browser would not keep the
      session.
    </p>`;
    return show(reply, this.parts, { title: 'Reached over http', body, status: 400 });
  }

  /** The host one will return to, named only where it is one of ours. */
  #destination({ rd }: Asked): Html | null {
    const host = this.#isSafe(rd) ? parseTarget(rd)?.host : undefined;
    return host === undefined ? null : html`<p>to continue to ${host}</p>`;
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

/** A header holds bytes: what is not ASCII goes percent-encoded (RFC 3986 section 2.1). */
const asciiUrl = (url: string): string => new URL(url).href;
