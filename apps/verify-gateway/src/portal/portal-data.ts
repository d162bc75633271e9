import type { portalData, stateData } from '@portcullis/contracts-portal-api';
import { LANGUAGES } from '@portcullis/domain-portal-texts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { languageFor } from './language.js';
import { type Asked, baseOf } from './page-exchange.js';
import type { PortalParts } from './portal-parts.js';
import { destinationOf, onward, type Onward } from './return-address.js';
import type { Visit } from './visit.js';

export type PortalData = z.output<typeof portalData>;

/** All that a page of the portal is opened with. It is public: nothing of it may say more than who is asking. */
export async function portalDataFor(parts: PortalParts, request: FastifyRequest, visit: Visit, asked: Asked): Promise<PortalData> {
  const { look, resetDisabled, resetUrl, changeDisabled } = parts.settings;
  const base = baseOf(request, parts);
  const language = languageFor(request);
  const [hasLogo, hasTexts] = await Promise.all([parts.assets.has('logo.png'), parts.assets.has(`locales/${language}/portal.json`)]);
  return {
    base,
    name: look.name,
    theme: look.theme,
    color: look.color,
    logo: hasLogo ? `${base}/static/logo.png` : null,
    texts: hasTexts ? `${base}/locales/${language}/portal.json` : null,
    terms_url: look.termsUrl,
    privacy_url: look.privacyUrl,
    privacy_acceptance: look.privacyAcceptance,
    language,
    languages: Object.keys(LANGUAGES),
    remember_me: visit.domain.rememberMe,
    reset_disabled: resetDisabled,
    reset_url: resetUrl,
    change_disabled: changeDisabled,
    notices: look.notices,
    continue_to: destinationOf(parts, asked.rd),
    state: stateOf(visit),
    wants_second_factor: wantsSecondFactor(parts, visit, asked),
  };
}

/** GET /api/state */
export function stateOf({ session, domain }: Visit): z.output<typeof stateData> {
  return {
    username: session?.subject.username ?? '',
    authentication_level: session?.level ?? 0,
    factor_knowledge: session?.level === 1 || session?.level === 2,
    ...(domain.defaultRedirectionUrl === null ? {} : { default_redirection_url: domain.defaultRedirectionUrl }),
  };
}

/** Where somebody who is signed in already may go on to, for what they asked. */
export function wayFor(parts: PortalParts, { session, origin, domain }: Visit, { rd, rm }: Asked): Onward {
  if (session === null) return { kind: 'stay' };
  const arrival = {
    targetUrl: rd,
    method: rm,
    level: session.level === 2 ? (2 as const) : (1 as const),
    person: session.record.profile,
    ip: origin.ip,
    domain,
    defaultRedirectionUrl: null,
  };
  return onward(arrival, parts.settings.domains, parts.live.policy, parts.live.needsSecondFactor);
}

/** Has one factor, and could open more with another. */
export const lacksSecondFactor = ({ settings, live }: PortalParts, { session }: Visit): boolean =>
  session?.level === 1 && settings.totp !== null && live.needsSecondFactor;

const wantsSecondFactor = (parts: PortalParts, visit: Visit, asked: Asked): boolean =>
  lacksSecondFactor(parts, visit) && wayFor(parts, visit, asked).kind === 'stay';
