/** An address as a number of 128 bits; IPv4 in the place where IPv6 keeps it. null: no address. */
export function addressBits(text: string): bigint | null {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (v4) {
    const octets = v4.slice(1).map(Number);
    if (octets.some((octet) => octet > 255)) return null;
    return octets.reduce((bits, octet) => bits * 256n + BigInt(octet), 0xffffn);
  }
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (mapped) {
    const low = addressBits(mapped[2]!);
    if (low === null) return null;
    const hex = (low & 0xffffffffn).toString(16).padStart(8, '0');
    return addressBits(`${mapped[1]!}${hex.slice(0, 4)}:${hex.slice(4)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const words = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = words.flat().length;
  if (halves.length === 1 ? count !== 8 : count > 7) return null;
  const all = [...words[0]!, ...Array.from({ length: 8 - count }, () => '0'), ...(words[1] ?? [])];
  if (!all.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return null;
  return all.reduce((bits, word) => bits * 65536n + BigInt(`0x${word}`), 0n);
}

const isV4 = (bits: bigint): boolean => bits >> 32n === 0xffffn;

/** Is the address inside a network in CIDR form, or the address itself? IPv4 is inside networks of IPv4 alone. */
export function isInside(address: string, network: string): boolean {
  const [base = '', length] = network.split('/');
  const bits = addressBits(address);
  const from = addressBits(base);
  if (bits === null || from === null || isV4(bits) !== isV4(from)) return false;
  const whole = isV4(from) ? 32 : 128;
  const host = BigInt(whole - Number(length ?? whole));
  return bits >> host === from >> host;
}
