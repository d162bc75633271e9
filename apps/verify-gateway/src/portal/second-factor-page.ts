import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from './html.js';
import { type Asked, askedFields, askedQuery, baseOf, show, type Shown, textsFor } from './page-exchange.js';
import { destination } from './onward-page.js';
import type { PortalParts } from './portal-parts.js';
import { isSafe } from './return-address.js';
import type { SignedInVisit } from './visit.js';

/** What is shown to somebody who lacks the second factor: the form for its code, or the way to a first device. */
export async function askSecondFactor(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, visit: SignedInVisit, asked: Asked) {
  return (await hasDevice(parts, visit)) ? askCode(request, reply, parts, asked, { opens: visit }) : mustEnrol(request, reply, parts, visit, asked);
}

export async function hasDevice({ identity }: PortalParts, { session }: SignedInVisit): Promise<boolean> {
  return (await identity.describeTotp({ username: session.record.profile.username })).outcome === 'found';
}

/** The rest of what is shown: why once more, or who opened it. */
type More = Pick<Shown, 'bad' | 'status' | 'opens'>;

export function askCode(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, asked: Asked, more: More) {
  const t = textsFor(request);
  const base = baseOf(request, parts);
  const body = html`${destination(request, parts, asked)}
    <p>${t('second_factor.explain')}</p>
    <form method="post" action="${base}/sign-in/code">
      ${askedFields(asked)}
      <div class="field">
        <label for="code">${t('second_factor.code')}</label>
        <div class="box"><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus /></div>
      </div>
      <button>${t('continue')}</button>
    </form>
    <div class="asides">
      <a href="${base}/second-factor/recovery${askedQuery(asked)}">${t('second_factor.lost')}</a><a href="${base}/logout">${t('home.sign_out')}</a>
    </div>`;
  return show(request, reply, parts, { title: t('second_factor.title'), body, ...more });
}

export function askRecoveryCode(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, asked: Asked, more: More) {
  const t = textsFor(request);
  const base = baseOf(request, parts);
  const body = html`<p>${t('recovery.explain')}</p>
    <form method="post" action="${base}/sign-in/recovery-code">
      ${askedFields(asked)}
      <div class="field">
        <label for="code">${t('recovery.code')}</label>
        <div class="box"><input id="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false" required autofocus /></div>
      </div>
      <button>${t('continue')}</button>
    </form>
    <p class="more">${t('recovery.none')}</p>
    <div class="asides">
      <a href="${base}/second-factor${askedQuery(asked)}">${t('second_factor.use_app')}</a><a href="${base}/logout">${t('home.sign_out')}</a>
    </div>`;
  return show(request, reply, parts, { title: t('recovery.title'), body, ...more });
}

function mustEnrol(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, visit: SignedInVisit, asked: Asked) {
  const t = textsFor(request);
  const base = baseOf(request, parts);
  const body = html`<p>${t('must_enrol.explain', { name: visit.session.record.profile.displayName })}</p>
    <a class="button" href="${base}/enrol${isSafe(parts, asked.rd) ? askedQuery(asked) : ''}">${t('must_enrol.submit')}</a>
    <div class="asides"><a href="${base}/logout">${t('home.sign_out')}</a></div>`;
  return show(request, reply, parts, { title: t('must_enrol.title'), body, opens: visit });
}
