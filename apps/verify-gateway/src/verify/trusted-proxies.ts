import { BlockList, isIP } from 'node:net';

const MAX_PEERS = 1024;

/**
 * Which peers may speak for clients. By default the direct peer when it is loopback or private, and it alone; an explicit
 * `server.trusted_proxies` replaces that and also names the further hops.
 */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #known = new Map<string, boolean>();
  readonly #explicit: boolean;

  /** @param networks CIDR or addresses from `server.trusted_proxies`; null: not configured */
  constructor(networks: readonly string[] | null) {
    this.#explicit = networks !== null;
    for (const network of networks ?? LOCAL_NETWORKS) addNetwork(this.#list, network);
  }

  /** Is the direct peer trusted? `undefined` is a unix socket: the file's permissions decide who connects. */
  trusts(peer: string | undefined): boolean {
    if (peer === undefined) return true;
    const known = this.#known.get(peer);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_PEERS) this.#known.clear();
    const trusted = contains(this.#list, peer);
    this.#known.set(peer, trusted);
    return trusted;
  }

  /** Is this entry of X-Forwarded-For one of our own hops? Never without an explicit list: the last entry is the client (attack 23). */
  listed(address: string): boolean {
    return this.#explicit && contains(this.#list, address);
  }
}

const LOCAL_NETWORKS = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10'];

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

function contains(list: BlockList, address: string): boolean {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
