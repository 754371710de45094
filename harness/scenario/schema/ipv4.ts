// IPv4 arithmetic on 32-bit unsigned numbers, for checks and defaults.

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
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

/** The dotted quad of a number. */
export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/**
 * A network in CIDR notation, or undefined when it is none or when host bits are set. /30 is the smallest with two
 * hosts in it.
 */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address, prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const network = parseIpv4(address ?? '');
  const prefixLength = Number(prefix);
  if (network === undefined || prefixLength < 8 || prefixLength > 30) return undefined;
  const size = 2 ** (32 - prefixLength);
  return network % size === 0 ? { network, broadcast: network + size - 1, prefixLength } : undefined;
}

/** First and last address of `from-to`, in order, or undefined. */
export function parseRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const [from, to, ...rest] = text.split('-').map((part) => parseIpv4(part.trim()));
  if (from === undefined || to === undefined || rest.length > 0 || from > to) return undefined;
  return { first: from, last: to };
}
