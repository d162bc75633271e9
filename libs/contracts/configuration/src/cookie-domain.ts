import { parse } from 'tldts';

const EXAMPLE = 'write for instance example.com';

/** What is wrong with a cookie domain (reference 3.1), as a sentence that follows its path. */
export function cookieDomainProblem(domain: string): { readonly message: string; readonly fix: string } | undefined {
  const error = (message: string, fix = EXAMPLE) => ({ message, fix });
  if (domain === '') return error('is required');
  const name = domain.toLowerCase();
  if (name.startsWith('*.')) return error(`'${domain}' must not begin with *.: it stands for everything below it as it is`, `write ${name.slice(2)}`);
  if (name.startsWith('.')) return error(`'${domain}' must not begin with a dot`, `write ${name.slice(1)}`);
  if (name.includes('://')) return error(`'${domain}' must be a domain, not an address`, `write ${hostOf(name)}`);
  const { isIp } = parse(name, { extractHostname: false });
  if (isIp === true) return undefined;
  if (/:\d+$/u.test(name)) return error(`'${domain}' must not carry a port`, `write ${name.replace(/:\d+$/u, '')}`);
  if (!name.includes('.')) return error(`'${domain}' must contain a dot: browsers keep no cookie for a bare name`);
  if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(name)) return error(`'${domain}' is no domain name`);
  const { publicSuffix, isIcann, isPrivate } = parse(name, { allowPrivateDomains: true });
  const isListed = isIcann === true || isPrivate === true;
  return isListed && publicSuffix === name
    ? error(
        `'${domain}' is shared by unrelated people (public suffix list): browsers keep no cookie for it`,
        `write your own domain below it, such as home.${name}`,
      )
    : undefined;
}

function hostOf(url: string): string {
  return /:\/\/([^/:]*)/u.exec(url)?.[1] ?? url;
}
