import ipaddr from 'ipaddr.js';

// IPv6 addresses of a lab, for checks and defaults. Every link has a /64 (RFC 4291 section 2.5.1).

const { IPv6 } = ipaddr;
export const PREFIX_LENGTH = 64;
/** Groups of an address that a /64 decides. */
export const PREFIX_GROUPS = 4;

/** The eight groups of an address; undefined for another text, also for one with a zone. */
export function parseIpv6(text: string): readonly number[] | undefined {
  return IPv6.isValid(text) && !text.includes('%') ? IPv6.parse(text).parts : undefined;
}

/** The first four groups of a /64, or undefined when the text is not one or has host bits set. */
export function parsePrefix(text: string): readonly number[] | undefined {
  if (!IPv6.isValidCIDR(text) || text.includes('%')) return undefined;
  const [{ parts }, length] = IPv6.parseCIDR(text);
  const host = parts.slice(PREFIX_GROUPS);
  return length === PREFIX_LENGTH && host.every((group) => group === 0) ? parts.slice(0, PREFIX_GROUPS) : undefined;
}

/** First and last address of `from-to`, in order and of one /64, or undefined. */
export function parseIpv6Range(text: string): { readonly from: string; readonly to: string } | undefined {
  const [from, to, ...rest] = text.split('-').map((part) => parseIpv6(part.trim()));
  if (from === undefined || to === undefined || rest.length > 0) return undefined;
  const [first, last] = [numberOf(from), numberOf(to)];
  return first <= last && isOfPrefix(to, from.slice(0, PREFIX_GROUPS))
    ? { from: formatIpv6(from), to: formatIpv6(to) }
    : undefined;
}

/** `fd77::/64` of its first four groups. */
export const formatPrefix = (prefix: readonly number[]): string =>
  `${formatIpv6([...prefix, 0, 0, 0, 0])}/${PREFIX_LENGTH}`;

/** Whether an address is one of a /64. */
export const isOfPrefix = (address: readonly number[], prefix: readonly number[]): boolean =>
  prefix.every((group, index) => group === address[index]);

/** The number behind an address. */
export const numberOf = (groups: readonly number[]): bigint =>
  groups.reduce((number, group) => (number << 16n) | BigInt(group), 0n);

/** The short form of an address (RFC 5952). */
export const formatIpv6 = (groups: readonly number[]): string => new IPv6([...groups]).toRFC5952String();

/**
 * The address of a host of the lab: behind the prefix the host's IPv4 address as people write it, so that
 * 172.22.52.207 is fd77::172:22:52:207. Each number is a group, and its decimal digits are the group's.
 */
export function hostIpv6(prefix: readonly number[], ipv4: string): string {
  return formatIpv6([...prefix, ...ipv4.split('.').map((byte) => Number.parseInt(byte, 16))]);
}

/** The IPv4 address of a host of the lab, of an address that `hostIpv6` made; undefined for any other address. */
export function ipv4OfHost(prefix: readonly number[], ipv6: string): string | undefined {
  const groups = parseIpv6(ipv6);
  if (groups === undefined || !isOfPrefix(groups, prefix)) return undefined;
  const bytes = groups.slice(PREFIX_GROUPS).map((group) => group.toString(16));
  return bytes.every((byte) => /^\d+$/.test(byte) && Number(byte) <= 255) ? bytes.join('.') : undefined;
}
