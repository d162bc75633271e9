import ipaddr from 'ipaddr.js';

/**
 * What a ban of `ip` is kept under: IPv4 as it is, also when written as IPv6, and the /64 of IPv6, as `2001:db8:1:2::/64`,
 * for one customer holds at least that much. The result itself is accepted too. Null: not an address.
 */
export function canonicalBanAddress(ip: string): string | null {
  const address = ip.endsWith('::/64') ? ip.slice(0, -'/64'.length) : ip;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).toString();
  if (!ipaddr.IPv6.isValid(address)) return null;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}
