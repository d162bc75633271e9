import { MESSAGES } from '@portcullis/contracts-portal-api';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toString as qrCode } from 'qrcode';
import { handOut, limit } from './exchange.js';
import { Html, html } from './html.js';
import { askedFields, askedOf, askedQuery, baseOf, field, readForm, show } from './page-exchange.js';
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
      : this.#explain(request, reply, signedIn);
  }

  @Post('mail')
  async mail(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { session, origin, domain } = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const { username } = session.subject;
    await limit(this.parts, 'session_elevation_start', origin.ip, username);
    const started = await this.parts.identity.startElevation({ username, handle: session.record.handle, ip: origin.ip, domain: domain.domain });
    return started.outcome === 'sent'
      ? this.#askMailedCode(request, reply)
      : show(reply, this.parts, { title: 'No mail address', body: html`<p>${MESSAGES.noAddress}</p>`, status: 409 });
  }

  @Post('code')
  async elevate(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const visit = this.parts.visits.signedIn(await this.parts.visits.change(request));
    const code = field(readForm(request), 'code', 64).trim();
    const { session, sessionId, origin } = visit;
    const { username } = session.subject;
    const finished = await this.parts.identity.finishElevation({ username, handle: session.record.handle, ip: origin.ip, code });
    if (finished.outcome === 'refused') return this.#askMailedCode(request, reply, 'That code is wrong, used or has expired.');
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
    if (finished.outcome === 'refused') {
      const body = html`<p><a href="${base}/enrol${query}">Begin again</a></p>`;
      return show(reply, this.parts, { title: 'That code is wrong', body, bad: 'The app was not added. Is its clock right?', status: 403 });
    }
    const renewed = await this.parts.session.renew({ id: sessionId });
    if (renewed.outcome === 'rotated') handOut(reply, this.parts, visit, renewed.id, renewed.expiresAtMs);
    const body = html`<p>Your authenticator app is set up. Wait for its next code, and enter that to go on.</p>
      <p><a href="${base}/${query}">Continue</a></p>`;
    return show(reply, this.parts, { title: 'Done', body });
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

  #explain(request: FastifyRequest, reply: FastifyReply, signedIn: SignedInVisit | null) {
    const base = baseOf(request, this.parts);
    const asked = askedOf(request);
    if (signedIn === null) {
      const body = html`<p>You have an authenticator app already. To replace it, first sign in with its code.</p>
        <p><a href="${base}/${askedQuery(asked)}">Enter a code</a></p>`;
      return show(reply, this.parts, { title: 'Authenticator app', body, status: 403 });
    }
    const body = html`<p>
        To be sure that it is you, a code is sent to your mail address. Without a mail server the administrator finds it in the notification file.
      </p>
      <form method="post" action="${base}/enrol/mail">${askedFields(asked)}<button>Send the code</button></form>`;
    return show(reply, this.parts, { title: 'Authenticator app', body });
  }

  #askMailedCode(request: FastifyRequest, reply: FastifyReply, bad: string | null = null) {
    const body = html`<p>Enter the code from the mail.</p>
      <form method="post" action="${baseOf(request, this.parts)}/enrol/code">
        ${askedFields(askedOf(request))}
        <label for="code">Code from the mail</label
        ><input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" required autofocus />
        <button>Continue</button>
      </form>`;
    return show(reply, this.parts, { title: 'Look at your mail', body, bad, status: bad === null ? 200 : 403 });
  }

  async #begin(request: FastifyRequest, reply: FastifyReply, { session }: SignedInVisit) {
    const { totp } = this.parts.settings;
    const wanted = algorithm.safeParse(totp?.algorithm);
    if (totp === null || !wanted.success) throw new PortalRefusal(404, '404 Not Found');
    const begun = await this.parts.identity.beginTotpRegistration({
      username: session.subject.username,
      handle: session.record.handle,
      settings: { algorithm: wanted.data, digits: totp.digits, periodS: totp.periodS },
    });
    if (begun.outcome === 'not_allowed') throw new PortalRefusal(404, '404 Not Found');
    const picture = (await qrCode(begun.url, { type: 'svg', margin: 2 })).replace(
      '<svg ',
      '<svg class="qr" role="img" aria-label="QR code of the secret" ',
    );
    const body = html`<p>Scan this with your authenticator app, or <a href="${begun.url}">open it there</a>, or type the secret:</p>
      ${new Html(picture)}
      <p><code>${begun.secret}</code></p>
      <form method="post" action="${baseOf(request, this.parts)}/enrol/finish">
        ${askedFields(askedOf(request))}
        <label for="code">The code that the app shows now</label
        ><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required />
        <button>Add the app</button>
      </form>`;
    return show(reply, this.parts, { title: 'Authenticator app', body });
  }
}
