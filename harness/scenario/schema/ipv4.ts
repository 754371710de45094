import ipaddr from 'ipaddr.js';

// IPv4 arithmetic on 32-bit unsigned numbers, for checks and defaults.

const { IPv4 } = ipaddr;

/** An IPv4 network in CIDR notation: `172.22.52.0/24`. */
export interface Subnet {
  /** Network address as a number. */
  readonly network: number;
  /** Broadcast address as a number. */
  readonly broadcast: number;
  readonly prefixLength: number;
}

/** The number behind a dotted quad, or undefined. Leading zeros are refused: some resolvers read them as octal. */
export function parseIpv4(text: string): number | undefined {
  return IPv4.isValidFourPartDecimal(text) ? numberOf(IPv4.parse(text)) : undefined;
}

const numberOf = ({ octets }: ipaddr.IPv4): number => Buffer.from(octets).readUInt32BE();

/** The dotted quad of a number. */
export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/**
 * A network in CIDR notation, or undefined when the text is not one or has host bits set. /30 is the smallest with two
 * hosts in it.
 */
export function parseSubnet(text: string): Subnet | undefined {
  if (!IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  const [address, prefixLength] = IPv4.parseCIDR(text);
  const network = numberOf(IPv4.networkAddressFromCIDR(text));
  if (numberOf(address) !== network || prefixLength < 8 || prefixLength > 30) return undefined;
  return { network, broadcast: numberOf(IPv4.broadcastAddressFromCIDR(text)), prefixLength };
}

/** First and last address of `from-to`, in order, or undefined. */
export function parseRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const [from, to, ...rest] = text.split('-').map((part) => parseIpv4(part.trim()));
  if (from === undefined || to === undefined || rest.length > 0 || from > to) return undefined;
  return { first: from, last: to };
}
