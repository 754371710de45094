import { u16 } from './layers.ts';

/** The Internet checksum (RFC 1071) over bytes whose own 16-bit checksum lies at `checksumAt`, and counts as zero. */
export function internetChecksum(bytes: Uint8Array, checksumAt: number): number {
  let sum = 0;
  // Beyond an odd end stands a zero.
  for (let at = 0; at < bytes.length; at += 2) if (at !== checksumAt) sum += u16(bytes, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
