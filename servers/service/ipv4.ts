/** An IPv4 address as an unsigned 32-bit number. The text must be a dotted quad. */
export function ipToNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Dotted quad of an unsigned 32-bit number. */
export function numberToIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/** Netmask of a prefix length. */
export function netmask(prefixLength: number): string {
  return numberToIp(prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0);
}

/** Last address of a subnet: its directed broadcast. */
export function broadcastOf(subnet: string, prefixLength: number): string {
  return numberToIp(
    ((ipToNumber(subnet) & ipToNumber(netmask(prefixLength))) | ~ipToNumber(netmask(prefixLength))) >>> 0,
  );
}

/** Whether an address lies in a subnet. */
export function inSubnet(ip: string, subnet: string, prefixLength: number): boolean {
  const mask = ipToNumber(netmask(prefixLength));
  return (ipToNumber(ip) & mask) === (ipToNumber(subnet) & mask);
}

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3). */
export const isLoopback = (ip: string): boolean => ip.startsWith('127.');
