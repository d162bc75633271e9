/** Is this return address inside a protected domain? */
export interface Target {
  readonly scheme: string;
  /** Lower-cased; brackets kept around an IPv6 address. */
  readonly host: string;
  /** null where the address names none. */
  readonly port: number | null;
}
export declare function hostInScope(host: string, domain: string): boolean;
export declare function parseTarget(url: string): Target | null;
export declare function isSafeRedirection(url: string, cookieDomains: readonly string[]): boolean;
export declare function isPortalUrlAllowed(override: string, cookieDomain: string, configuredPortalUrl?: string | null): boolean;
export declare function redirectLocation(portalUrl: string, targetUrl: string, method: string): string;
