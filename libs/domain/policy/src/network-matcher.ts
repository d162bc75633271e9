import ipaddr from 'ipaddr.js';
import type { NetworkDefinitions } from './types.js';

/** One number for IPv4 (also when it came mapped into IPv6), eight 16-bit groups for IPv6. */
export type Address = readonly number[];

export interface Network {
  readonly groups: Address;
  readonly masks: Address;
}

const mappedPrefixBits = 96;

/**
 * The networks that one entry of `networks` stands for: a name out of the definitions, a CIDR or an address.
 * @throws Error with a reason for an entry that is none of these
 */
export function resolveNetworks(entry: string, definitions: NetworkDefinitions): readonly Network[] {
  const named = Object.hasOwn(definitions, entry) ? definitions[entry] : undefined;
  return (named ?? [entry]).map(parseNetwork);
}

/** Whether the address lies inside the network; the families never mix. */
export function holdsAddress({ groups, masks }: Network, address: Address): boolean {
  if (groups.length !== address.length) return false;
  for (let i = 0; i < groups.length; i++) if (((address[i] ?? 0) & (masks[i] ?? 0)) !== groups[i]) return false;
  return true;
}

/** Null where the text is no address; one with a zone is none. */
export function parseIp(text: string): Address | null {
  if (!text.includes(':')) return parseIpv4(text);
  if (text.includes('%')) return null;
  try {
    const address = ipaddr.IPv6.parse(text);
    return address.isIPv4MappedAddress() ? parseIpv4(address.toIPv4Address().toString()) : address.parts;
  } catch {
    return null;
  }
}

function parseNetwork(text: string): Network {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) throw new Error(`'${text}' is neither a CIDR, nor an address, nor a name under definitions.network`);
  const isMapped = ip.length === 1 && text.includes(':');
  const longest = ip.length === 1 && !isMapped ? 32 : 128;
  const length = slash < 0 ? longest : readPrefixLength(text.slice(slash + 1), longest);
  const bits = isMapped ? length - mappedPrefixBits : length;
  if (!(bits >= 0)) throw new Error(`'${text}' has no valid prefix length`);
  const masks = ip.length === 1 ? [leadingOnes(bits, 32)] : ip.map((_, index) => leadingOnes(bits - 16 * index, 16));
  return { masks, groups: ip.map((group, index) => group & (masks[index] ?? 0)) };
}

function leadingOnes(count: number, width: 16 | 32): number {
  const zeros = width - Math.min(width, Math.max(0, count));
  if (width === 16) return (0xffff << zeros) & 0xffff;
  return zeros === 32 ? 0 : -1 << zeros;
}

function readPrefixLength(text: string, longest: number): number {
  return /^\d{1,3}$/.test(text) && Number(text) <= longest ? Number(text) : NaN;
}

/** Four decimal parts without leading zeros, as Go reads them: `010.0.0.1` has two meanings elsewhere. */
function parseIpv4(text: string): Address | null {
  let value = 0;
  let part = -1;
  let parts = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9 && part !== 0) {
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return null;
    } else if (digit === dotDigit && part >= 0 && parts < 4) {
      value = (value << 8) | part;
      part = -1;
      parts++;
    } else return null;
  }
  return parts === 4 && part >= 0 ? [(value << 8) | part] : null;
}

/** The full stop, counted from the digit 0. */
const dotDigit = -2;
