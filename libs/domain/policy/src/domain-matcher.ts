import { compilePattern, type PersonTest } from './pattern.js';
import { hasGroupFolded } from './subject.js';

/** True or false whoever asks, or a question about the person. */
export type HostMatch = boolean | PersonTest;

/** One entry of `domain` or `domain_regex`. */
export type DomainMatcher =
  | { readonly kind: 'exact'; readonly host: string }
  /** `*.example.com`: the suffix is `example.com`, any depth below it and not itself. */
  | { readonly kind: 'below'; readonly suffix: string }
  | { readonly kind: 'computed'; readonly isPersonal: boolean; readonly match: (host: string) => HostMatch };

export function compileDomain(value: string): DomainMatcher {
  const domain = value.toLowerCase();
  if (domain.startsWith('*.')) return { kind: 'below', suffix: domain.slice(2) };
  if (domain.startsWith('{user}')) return { kind: 'computed', isPersonal: true, match: userMatch(domain.slice('{user}'.length)) };
  if (domain.startsWith('{group}')) return { kind: 'computed', isPersonal: true, match: groupMatch(domain.slice('{group}'.length)) };
  return { kind: 'exact', host: domain };
}

/** @throws Error with a reason when the pattern is not RE2 */
export function compileDomainRegex(source: string): DomainMatcher {
  const pattern = compilePattern(source);
  const match = pattern.isPersonal ? (host: string) => pattern.findPerson(host) ?? false : pattern.test;
  return { kind: 'computed', isPersonal: pattern.isPersonal, match };
}

/** The entry asks for a user or a group. */
export function isPersonalDomain(matcher: DomainMatcher): boolean {
  return matcher.kind === 'computed' && matcher.isPersonal;
}

/** Whether the entry covers the host, asked of one entry alone. */
export function matchHost(matcher: DomainMatcher, host: string): HostMatch {
  switch (matcher.kind) {
    case 'exact':
      return matcher.host === host;
    case 'below':
      return host.endsWith(`.${matcher.suffix}`);
    case 'computed':
      return matcher.match(host);
  }
}

/** The user's name is compared as it is, so a name with capitals never meets a host. */
function userMatch(rest: string): (host: string) => HostMatch {
  return (host) => {
    if (!host.endsWith(rest)) return false;
    const name = host.slice(0, host.length - rest.length);
    return (subject) => (subject === null ? name !== '' : subject.username === name);
  };
}

function groupMatch(rest: string): (host: string) => HostMatch {
  return (host) => {
    if (!host.endsWith(rest) || host.length === rest.length) return false;
    const label = host.slice(0, host.length - rest.length);
    const isOneLabel = rest.startsWith('.') && !label.includes('.');
    return (subject) => subject === null || (isOneLabel && hasGroupFolded(subject, label));
  };
}
