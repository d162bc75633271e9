/** The part of a report these checks need. */
interface Errors {
  error(path: string, message: string, fix?: string): unknown;
}

/** `authelia_url`: required, absolute, inside the cookie domain; a path gets a slash behind it. Null where an error was reported. */
export function portalUrl(value: string | undefined, domain: string, path: string, report: Errors): string | null {
  if (value === undefined || value === '') {
    report.error(
      path,
      `${path} is required`,
      `write the address of your portal, for instance https://auth.${domain === '' ? 'example.com' : domain}`,
    );
    return null;
  }
  const url = siteUrl(value, domain, path, report);
  if (url === null) return null;
  if (url.search !== '' || url.hash !== '') {
    report.error(path, `${path} '${value}' must carry neither a query nor a fragment`, `write ${url.origin}${url.pathname}`);
    return null;
  }
  return url.pathname === '/' || value.endsWith('/') ? value : `${value}/`;
}

/** `default_redirection_url`: absolute, inside the cookie domain, not the portal itself. Kept as it is written. */
export function redirectionUrl(value: string | undefined, domain: string, portal: string | null, path: string, report: Errors): string | null {
  if (value === undefined || value === '') return null;
  const url = siteUrl(value, domain, path, report);
  if (url === null) return null;
  if (portal !== null && new URL(portal).href === url.href) {
    report.error(path, `${path} must differ from authelia_url: people would be sent in a circle`, 'name the page they should land on');
    return null;
  }
  return value;
}

function siteUrl(value: string, domain: string, path: string, report: Errors): URL | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== '' || url.password !== '' || !/^[a-z]+:\/\//iu.test(value)) {
    report.error(path, `${path} '${value}' is no absolute address`, `write for instance https://auth.${domain === '' ? 'example.com' : domain}`);
    return null;
  }
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && domain.endsWith('.localhost'))) {
    report.error(
      path,
      `${path} '${value}' must begin with https:// (http is for domains under .localhost alone)`,
      `write https://${value.replace(/^[a-z]+:\/\//iu, '')}`,
    );
    return null;
  }
  if (domain !== '' && host !== domain && !host.endsWith(`.${domain}`)) {
    report.error(
      path,
      `${path} '${value}' does not lie inside the cookie domain '${domain}'`,
      `write an address on ${domain}, or correct the domain`,
    );
    return null;
  }
  return url;
}
