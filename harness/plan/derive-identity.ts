import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { hostIpv6, parsePrefix } from '../scenario/schema/ipv6.ts';

// Identities that a scenario leaves open: the same in every run and on every host, so that two captures of one
// scenario can be compared. They come from a client's place in its scenario: a lab is apart from every other one, and
// what is saved of a firmware before its first frame, MAC address and UUID in it, serves all clients of equal hardware
// at that place (decision 185). A state that a scenario keeps from run to run is not apart: `keptFor` names the
// scenario, so that the computers of two scenarios stay two computers in it.

export interface Place {
  /** From 0. */
  readonly position: number;
  readonly keptFor?: string;
}

/** MAC address of a client's card, by `use`: QEMU's prefix 52:54:00 and three bytes of a hash. */
export function deriveMac(use: 'mac' | 'unplugged-mac', place: Place, taken: ReadonlySet<string>): string {
  // Three bytes can collide; the next hash is as stable as the first.
  for (let attempt = 0; ; attempt++) {
    const mac = ['52', '54', '00', ...hexBytes(digest(use, place, attempt), 3)].join(':');
    if (!taken.has(mac)) return mac;
  }
}

/** A client's SMBIOS UUID: version 8, made from a hash (RFC 9562 section 5.8). */
export function deriveUuid(place: Place): string {
  const bytes = digest('uuid', place, 0).subarray(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return hexBytes(bytes, 16)
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A host's MAC address: locally administered (bit 1 of the first byte), with the IPv4 address readable in it. */
export function hostMac(ip: string): string {
  return ['02', '00', ...hexBytes(Uint8Array.from(ipaddr.IPv4.parse(ip).octets), 4)].join(':');
}

/** The IPv6 address of a host, by its IPv4 address and the lab's prefix (`fd77::/64`). */
export function ipv6Of(ip: string, prefix: string): string {
  return hostIpv6(parsePrefix(prefix) ?? [], ip);
}

/**
 * A host's name: `host-207` where the last byte tells hosts apart, else `host-52-207`; an interface name has 15
 * characters at most.
 */
export function hostName(ip: string, prefixLength: number): string {
  const bytes = ip.split('.');
  return `host-${(prefixLength >= 24 ? bytes.slice(-1) : prefixLength >= 16 ? bytes.slice(-2) : [hexBytes(Uint8Array.of(...bytes.slice(-3).map(Number)), 3).join('')]).join('-')}`;
}

function digest(use: string, { position, keptFor }: Place, attempt: number): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([use, position, keptFor, attempt]))
    .digest();
}

function hexBytes(bytes: Uint8Array, length: number): string[] {
  return [...bytes.subarray(0, length)].map((byte) => byte.toString(16).padStart(2, '0'));
}
