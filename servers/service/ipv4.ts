import ipaddr from 'ipaddr.js';

const { IPv4 } = ipaddr;

/** An IPv4 address as an unsigned 32-bit number. The text must be a dotted quad. */
export function ipToNumber(ip: string): number {
  return Buffer.from(IPv4.parse(ip).octets).readUInt32BE();
}

/** Dotted quad of an unsigned 32-bit number. */
export function numberToIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/** Netmask of a prefix length. */
export const netmask = (prefixLength: number): string => IPv4.subnetMaskFromPrefixLength(prefixLength).toString();

/** Last address of a subnet: its directed broadcast. */
export const broadcastOf = (subnet: string, prefixLength: number): string =>
  IPv4.broadcastAddressFromCIDR(`${subnet}/${prefixLength}`).toString();

/** Whether an address is in a subnet. */
export const inSubnet = (ip: string, subnet: string, prefixLength: number): boolean =>
  IPv4.parse(ip).match(IPv4.parse(subnet), prefixLength);

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3). */
export const isLoopback = (ip: string): boolean => IPv4.parse(ip).range() === 'loopback';
