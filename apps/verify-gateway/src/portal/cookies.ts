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

const DEVICE_COOKIE = 'portcullis_device';
const YEAR_MS = 365 * 24 * 3_600_000;

/** The secret by which a browser is known the next time: for the portal's host alone; Lax, so that it is there when somebody comes from a link. */
export const deviceCookie = (token: string, nowMs: number): string =>
  `${DEVICE_COOKIE}=${token}; Expires=${new Date(nowMs + YEAR_MS).toUTCString()}; Path=/; HttpOnly; Secure; SameSite=Lax`;

/** The device's secret in a Cookie header, or null; two of them are none. */
export const readDeviceToken = (header: string | undefined): string | null => onlyOne(header, DEVICE_COOKIE, /^[\w-]{1,256}$/);

const RESET_COOKIE = 'portcullis_reset';

/** The right to set a new password, bound to the bearer of the link: this host alone, minutes, no script. */
export const resetCookie = (grant: string, expiresAtMs: number): string =>
  `${RESET_COOKIE}=${grant}; Expires=${new Date(expiresAtMs).toUTCString()}; Path=/; HttpOnly; Secure; SameSite=Strict`;

export const clearedResetCookie = (): string => `${RESET_COOKIE}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Strict`;

/** The grant in a Cookie header, or null; two of them are none. */
export const readResetGrant = (header: string | undefined): string | null => onlyOne(header, RESET_COOKIE, /^[\w-]{20,256}$/);

function onlyOne(header: string | undefined, cookie: string, shape: RegExp): string | null {
  const found = (header ?? '').split(';').flatMap((pair) => {
    const [name, value] = pair.trim().split('=', 2);
    return name === cookie && value !== undefined && shape.test(value) ? [value] : [];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}
