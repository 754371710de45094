import { ipv6At, ipv6Bytes } from '../../../harness/packet/addresses.ts';

/** Bits of an address behind the prefix of its link. */
export const PREFIX_BITS = 64n;

/** An IPv6 address as a number of 128 bits. */
export function ipv6Number(ip: string): bigint {
  return ipv6Bytes(ip).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** The text of an address's number. */
export function ipv6Text(number: bigint): string {
  return ipv6At(Uint8Array.from({ length: 16 }, (_, i) => Number((number >> BigInt(8 * (15 - i))) & 0xffn)));
}
