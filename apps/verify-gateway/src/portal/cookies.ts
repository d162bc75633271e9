/** The attributes of a cookie domain's cookies (Authelia `session.cookies[]`). */
export interface CookieSettings {
  readonly cookieName: string;
  readonly domain: string;
  readonly sameSite: 'none' | 'lax' | 'strict';
}

const SAME_SITE = { none: 'None', lax: 'Lax', strict: 'Strict' } as const;

const attributes = ({ domain, sameSite }: CookieSettings): string => `Domain=${domain}; Path=/; HttpOnly; Secure; SameSite=${SAME_SITE[sameSite]}`;

/** RFC 6265 section 4.1; Secure and HttpOnly always. */
export const sessionCookie = (settings: CookieSettings, id: string, expiresAtMs: number): string =>
  `${settings.cookieName}=${id}; Expires=${new Date(expiresAtMs).toUTCString()}; ${attributes(settings)}`;

/** Carries all attributes of the one that was set, or a browser would keep it. */
export const clearedSessionCookie = (settings: CookieSettings): string =>
  `${settings.cookieName}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${attributes(settings)}`;

const RESET_COOKIE = 'portcullis_reset';

/** The right to set a new password, bound to the bearer of the link: this host alone, minutes, no script. */
export const resetCookie = (grant: string, expiresAtMs: number): string =>
  `${RESET_COOKIE}=${grant}; Expires=${new Date(expiresAtMs).toUTCString()}; Path=/; HttpOnly; Secure; SameSite=Strict`;

export const clearedResetCookie = (): string => `${RESET_COOKIE}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Strict`;

/** The grant in a Cookie header, or null; two of them are none. */
export function readResetGrant(header: string | undefined): string | null {
  const found = (header ?? '').split(';').flatMap((pair) => {
    const [name, value] = pair.trim().split('=', 2);
    return name === RESET_COOKIE && value !== undefined && /^[\w-]{20,256}$/.test(value) ? [value] : [];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}
