import { z } from 'zod';
import { flag, oneOf } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { PortalConfiguration } from './values.js';

const schema = z.object({
  theme: oneOf('light', 'dark', 'grey', 'oled', 'auto'),
  default_2fa_method: oneOf('totp', 'webauthn', 'mobile_push'),
  totp: z.object({ disable: flag }).optional(),
  webauthn: z.object({ disable: flag }).optional(),
  duo_api: z.object({ disable: flag }).optional(),
});

/** `theme` and `default_2fa_method`. */
export const portalSection: Section<PortalConfiguration> = defineSection(schema, (raw, report) => {
  const method = raw.default_2fa_method ?? '';
  const disabled = { totp: raw.totp?.disable, webauthn: raw.webauthn?.disable, mobile_push: raw.duo_api?.disable, '': false }[method];
  if (disabled === true)
    report.error('default_2fa_method', `default_2fa_method names ${method}, which is disabled`, 'take it out, or enable the method');
  else if (method !== '' && method !== 'totp')
    report.warning('default_2fa_method', `default_2fa_method ${method} has no effect yet: people are asked for a one-time password`, 'write totp');
  return { theme: raw.theme ?? 'light', default2faMethod: method === 'totp' ? 'totp' : null };
});
