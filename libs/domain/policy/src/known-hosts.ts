import { ANY, GROUP, sampleTexts, USER } from './sample-pattern.js';
import type { PolicySource, Rule, Subject } from './types.js';

/** A name that a host may have: labels of letters, digits and marks, and what stands for a name. */
const hostShape = /^(?:(?:[\w-]|<any>|\{user\})+\.)*(?:[\w:-]|<any>|\{user\})+$/;

/**
 * Every host that the rules tell from another, in their order: the names as they are, `<any>.example.com` for a wildcard,
 * `{user}.example.com` for everybody's own, and last `<any>` for whatever no rule names. `groups` are those that people are in.
 */
export function* knownHosts(sources: readonly PolicySource[], groups: readonly string[]): Generator<string, void> {
  const seen = new Set<string>([ANY]);
  for (const { rules } of sources)
    for (const rule of rules)
      for (const host of hostsOfRule(rule, groups)) {
        if (seen.has(host) || !hostShape.test(host)) continue;
        seen.add(host);
        yield host;
      }
  yield ANY;
}

function hostsOfRule({ domains, domainRegex }: Rule, groups: readonly string[]): readonly string[] {
  const hosts = [
    ...domains.flatMap((domain) => hostsOfDomain(domain.toLowerCase())),
    ...domainRegex.flatMap((regex) => sampleTexts(regex).map((text) => (text.startsWith('.') ? ANY + text : text).toLowerCase())),
  ];
  return hosts.flatMap((host) => (host.includes(GROUP) ? [...groups, ANY].map((group) => host.replace(GROUP, group.toLowerCase())) : [host]));
}

/** A wildcard and everybody's own hosts hold the hosts of others too. */
function hostsOfDomain(domain: string): readonly string[] {
  if (domain.startsWith('*.')) return [ANY + domain.slice(1)];
  return domain.startsWith(USER) ? [domain, domain.replace(USER, ANY)] : [domain];
}

/** The host as this person asks for it; a stranger asks for anybody's. */
export function hostFor(host: string, subject: Subject | null): string {
  return host.includes(USER) ? host.replaceAll(USER, subject?.username.toLowerCase() ?? ANY) : host;
}
