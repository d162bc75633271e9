import type { CompiledPolicy } from './compile-policy.js';

/** RFC 1123 section 2.1: what `*` or a misspelt placeholder leaves behind is no host. */
const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** The hosts that rules spell out, each once, in the order of the rules. What a pattern would match is not known. */
export function namedHosts({ rules }: CompiledPolicy): readonly string[] {
  const hosts = new Set<string>();
  for (const { domains } of rules) for (const domain of domains ?? []) if (domain.kind === 'exact' && HOST.test(domain.host)) hosts.add(domain.host);
  return [...hosts];
}
