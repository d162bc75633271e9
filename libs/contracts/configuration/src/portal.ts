import { z } from 'zod';
import { flag, oneOf, text } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { PortalConfiguration } from './values.js';

const privacy = z.object({ enabled: flag, require_user_acceptance: flag, policy_url: text });

const schema = z.object({
  theme: oneOf('light', 'dark', 'grey', 'oled', 'auto'),
  default_2fa_method: oneOf('totp', 'webauthn', 'mobile_push'),
  portal: z.object({ name: text, color: text, terms_url: text, privacy_url: text }).optional(),
  privacy_policy: privacy.optional(),
  server: z.object({ asset_path: text }).optional(),
  notifier: z.object({ filesystem: z.unknown().optional() }).optional(),
  totp: z.object({ disable: flag }).optional(),
  webauthn: z.object({ disable: flag }).optional(),
  duo_api: z.object({ disable: flag }).optional(),
});
type Raw = z.output<typeof schema>;

/** How the portal looks and what it says of the operator. `portal.*` is ours; the rest is Authelia's. */
export const portalSection: Section<PortalConfiguration> = defineSection(schema, (raw, report) => {
  const { portal = {} } = raw;
  const policyUrl = privacyPolicyUrl(raw.privacy_policy, portal.privacy_url, report);
  return {
    theme: raw.theme ?? 'light',
    default2faMethod: default2faMethod(raw, report),
    name: portalName(portal.name, report),
    color: portalColor(portal.color, report),
    termsUrl: link('portal.terms_url', portal.terms_url, report),
    privacyUrl: link('portal.privacy_url', portal.privacy_url, report) ?? policyUrl,
    privacyAcceptance: raw.privacy_policy?.enabled === true && raw.privacy_policy.require_user_acceptance === true,
    assetDirectory: filled(raw.server?.asset_path),
    notices: raw.notifier?.filesystem === undefined ? 'mail' : 'file',
  };
});

function default2faMethod(raw: Raw, report: Report): 'totp' | null {
  const method = raw.default_2fa_method ?? '';
  const disabled = { totp: raw.totp?.disable, webauthn: raw.webauthn?.disable, mobile_push: raw.duo_api?.disable, '': false }[method];
  if (disabled === true)
    report.error('default_2fa_method', `default_2fa_method names ${method}, which is disabled`, 'take it out, or enable the method');
  else if (method !== '' && method !== 'totp')
    report.warning('default_2fa_method', `default_2fa_method ${method} has no effect yet: people are asked for a one-time password`, 'write totp');
  return method === 'totp' ? 'totp' : null;
}

const MAX_NAME_LENGTH = 64;

function portalName(written: string | undefined, report: Report): string {
  const name = written?.trim() ?? '';
  if (Array.from(name).length > MAX_NAME_LENGTH)
    report.error('portal.name', `portal.name is longer than ${MAX_NAME_LENGTH} characters`, 'write the short name that people know');
  else if (/\p{Cc}/u.test(name)) report.error('portal.name', 'portal.name holds a control character', 'write it as one line of plain text');
  return name === '' ? 'Portcullis' : name;
}

function portalColor(written: string | undefined, report: Report): string | null {
  const color = filled(written);
  if (color === null || /^#[0-9a-f]{6}$/iu.test(color)) return color?.toLowerCase() ?? null;
  report.error('portal.color', `portal.color '${color}' is no colour as #rrggbb`, "write for instance '#2b59c3', in quotes");
  return null;
}

/** An https address, or a path of the same host: never a scheme that a browser would run. */
function link(path: string, written: string | undefined, report: Report): string | null {
  const url = filled(written);
  if (url === null || isLink(url)) return url;
  report.error(path, `${path} '${url}' is neither an https address nor a path`, 'write for instance https://www.example.com/terms or /terms');
  return null;
}

/** `//host` and `/\host` lead elsewhere; whitespace and control characters are read in more than one way. */
function isLink(url: string): boolean {
  if (/[\s\p{Cc}\\]/u.test(url)) return false;
  if (url.startsWith('/')) return !url.startsWith('//');
  return URL.canParse(url) && new URL(url).protocol === 'https:' && /^https:\/\//iu.test(url);
}

/** `privacy_policy`: enabled it needs an address, its own (https) or the portal's. */
function privacyPolicyUrl(policy: z.output<typeof privacy> | undefined, portalUrl: string | undefined, report: Report): string | null {
  if (policy?.enabled !== true) return null;
  const path = 'privacy_policy.policy_url';
  const url = filled(policy.policy_url);
  if (url === null) {
    if (filled(portalUrl) === null)
      report.error(path, `${path} is required while privacy_policy is enabled`, 'write for instance https://www.example.com/privacy');
    return null;
  }
  if (isLink(url) && !url.startsWith('/')) return url;
  report.error(path, `${path} '${url}' is no https address`, 'write for instance https://www.example.com/privacy');
  return null;
}

const filled = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);
