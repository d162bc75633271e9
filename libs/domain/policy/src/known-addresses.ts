import { holdsAddress, resolveNetworks, type Address, type Network } from './network-matcher.js';
import type { NetworkDefinitions, Rule } from './types.js';

/** An address that stands for all in the same networks; null is one in none of them. */
export interface KnownAddress {
  readonly ip: string | null;
  /** The entries of `networks` that hold it. */
  readonly networks: readonly string[];
}

const mostAddresses = 16;
/** Each costs a look at every network: this many of ten thousand networks take well under a second. */
const mostEdges = 256;

/** Rules, and what the names of their networks stand for. */
export interface NetworkUse {
  readonly rules: readonly Rule[];
  readonly networks: NetworkDefinitions;
}

/** One address for each set of networks that the rules of all of these can tell apart, the one outside all of them first. */
export function knownAddresses(uses: readonly NetworkUse[]): readonly KnownAddress[] {
  const entries = uses.flatMap(({ rules, networks: definitions }) =>
    [...new Set(rules.flatMap(({ networks }) => networks))].map((name) => ({ name, networks: resolveNetworks(name, definitions) })),
  );
  const found = new Map<string, KnownAddress>();
  const looked = new Set<string>();
  for (const edge of inTurn(entries.map(({ networks }) => networks.flatMap(edgesOf)))) {
    if (found.size === mostAddresses || looked.size === mostEdges) break;
    if (looked.has(edge.join())) continue;
    looked.add(edge.join());
    const holding = entries.flatMap(({ networks }, index) => (networks.some((network) => holdsAddress(network, edge)) ? [index] : []));
    const names = new Set(holding.flatMap((index) => entries[index]?.name ?? []));
    if (names.size > 0 && !found.has(holding.join())) found.set(holding.join(), { ip: writeAddress(edge), networks: [...names] });
  }
  return [{ ip: null, networks: [] }, ...found.values()];
}

/** The first of each list, then the second of each: a name for hundreds of networks does not keep the others from being looked at. */
function* inTurn<T>(lists: readonly (readonly T[])[]): Generator<T> {
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  for (let at = 0; at < longest; at++) for (const list of lists) yield* list.slice(at, at + 1);
}

/** Between two edges nothing changes: the first address of a network, and the first behind it. */
function edgesOf({ groups, masks }: Network): readonly Address[] {
  const width = groups.length === 1 ? 32n : 16n;
  const all = (1n << width) - 1n;
  const join = (parts: readonly number[]): bigint => parts.reduce((sum, part) => (sum << width) | (BigInt(part) & all), 0n);
  const first = join(groups);
  const behind = (first | (~join(masks) & ((1n << (width * BigInt(groups.length))) - 1n))) + 1n;
  const split = (value: bigint): Address =>
    groups.length === 1
      ? [Number(BigInt.asIntN(32, value))]
      : groups.map((_, index) => Number((value >> (width * BigInt(groups.length - 1 - index))) & all));
  return behind >> (width * BigInt(groups.length)) === 0n ? [split(first), split(behind)] : [split(first)];
}

function writeAddress(address: Address): string {
  const [value = 0] = address;
  if (address.length === 1) return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
  return address.map((group) => group.toString(16)).join(':');
}
