import type { CookieConfiguration } from '@portcullis/contracts-configuration';
import { hostInScope } from '@portcullis/domain-redirection';
import type { PasswordPolicySettings, PortalSettings } from './portal/portal-parts.js';
import type { PortalDomain } from './portal/visit.js';
import type { GatewayValues } from './config.js';
import { authRequest } from './verify/auth-request.js';
import { extAuthz, namedExtAuthz } from './verify/ext-authz.js';
import { forwardAuth } from './verify/forward-auth.js';
import { legacy } from './verify/legacy.js';
import type { Endpoint } from './verify/routes.js';

const DIALECTS = { Legacy: legacy, ForwardAuth: forwardAuth, AuthRequest: authRequest, ExtAuthz: extAuthz } as const;

export const endpointsOf = ({ endpoints }: GatewayValues): readonly Endpoint[] =>
  endpoints.authz.map(({ name, path, implementation, isNamed, strategies }, slot) => ({
    name,
    slot,
    path,
    dialect: isNamed && implementation === 'ExtAuthz' ? namedExtAuthz : DIALECTS[implementation],
    strategies: strategies.map((strategy) => strategy.name),
  }));

export const domainsOf = ({ session }: GatewayValues): readonly PortalDomain[] => session.cookies.map(asDomain);

function asDomain(cookie: CookieConfiguration): PortalDomain {
  return {
    domain: cookie.domain,
    cookieName: cookie.name,
    sameSite: cookie.sameSite,
    inactivityMs: cookie.inactivityMs,
    portalUrl: cookie.autheliaUrl,
    defaultRedirectionUrl: cookie.defaultRedirectionUrl,
    rememberMe: cookie.rememberMeMs !== null,
  };
}

const MAX_HOSTS = 4096;

/** The cookie domain of a lower-cased host, or null; hosts asked for are remembered, in bounds. */
export function domainFinder(domains: readonly PortalDomain[]): (host: string) => PortalDomain | null {
  const known = new Map<string, PortalDomain | null>();
  return (host) => {
    const before = known.get(host);
    if (before !== undefined) return before;
    const found = domains.find(({ domain }) => hostInScope(host, domain)) ?? null;
    if (known.size >= MAX_HOSTS) known.clear();
    known.set(host, found);
    return found;
  };
}

export function portalSettings(value: GatewayValues, domains: readonly PortalDomain[]): PortalSettings {
  const { authenticationBackend: backend, totp, identityValidation } = value;
  return {
    domains,
    look: value.portal,
    subPath: value.server.pathPrefix,
    resetDisabled: backend.passwordReset.disabled || backend.passwordReset.customUrl !== null,
    resetUrl: backend.passwordReset.customUrl,
    changeDisabled: backend.passwordChange.disabled,
    passwordPolicy: passwordPolicyOf(value),
    totp: totp.disabled
      ? null
      : {
          algorithm: totp.algorithm,
          digits: totp.digits,
          periodS: totp.periodSeconds,
          allowedAlgorithms: totp.allowedAlgorithms,
          allowedDigits: totp.allowedDigits,
          allowedPeriodsS: totp.allowedPeriods,
        },
    elevation: identityValidation.elevatedSession,
  };
}

const NO_POLICY: PasswordPolicySettings = {
  mode: 'disabled',
  minLength: 0,
  maxLength: 0,
  minScore: 0,
  requireUppercase: false,
  requireLowercase: false,
  requireNumber: false,
  requireSpecial: false,
};

function passwordPolicyOf({ passwordPolicy: policy }: GatewayValues): PasswordPolicySettings {
  switch (policy.kind) {
    case 'none':
      return NO_POLICY;
    case 'zxcvbn':
      return { ...NO_POLICY, mode: 'zxcvbn', minScore: policy.minScore };
    case 'standard':
      return { ...NO_POLICY, ...policy, mode: 'standard' };
  }
}
