import { ipv4Bytes } from '../addresses.ts';
import { joinBytes } from '../bytes.ts';
import { annotated } from './annotated.ts';

// The same packet as other captures hold it: by another link type, or inside a tunnel. Each takes an Ethernet frame
// without VLAN tags.

const OUTER_ETHERNET = '0200000000ee 0200000000dd 0800';
const TUNNEL_ENDS = [...ipv4Bytes('192.0.2.1'), ...ipv4Bytes('192.0.2.2')];
const VXLAN_PORT = 4789;

const ipOf = (ethernet: Uint8Array): Uint8Array => ethernet.subarray(14);
const etherTypeOf = (ethernet: Uint8Array): Uint8Array => ethernet.subarray(12, 14);
const isIpv6 = (ethernet: Uint8Array): boolean => ethernet[12] === 0x86;

/** Raw IP; link types 101, 12, 14, 228 and 229. */
export const asRawIp = ipOf;

/** BSD loopback by a host of little-endian byte order: AF_INET, or AF_INET6 of macOS. */
export const asLoopbackLittle = (ethernet: Uint8Array): Uint8Array =>
  joinBytes([Uint8Array.of(isIpv6(ethernet) ? 30 : 2, 0, 0, 0), ipOf(ethernet)]);

/** OpenBSD's loopback, or BSD loopback by a host of big-endian byte order. */
export const asLoopbackBig = (ethernet: Uint8Array): Uint8Array =>
  joinBytes([Uint8Array.of(0, 0, 0, isIpv6(ethernet) ? 24 : 2), ipOf(ethernet)]);

/** A Linux cooked capture (113) of a frame that was received. */
export const asCooked = (ethernet: Uint8Array): Uint8Array =>
  joinBytes([annotated('0000 0001 0006'), ethernet.subarray(6, 12), annotated('0000'), ethernet.subarray(12)]);

/** A Linux cooked capture, version 2 (276), of a frame that was received. */
export const asCooked2 = (ethernet: Uint8Array): Uint8Array =>
  joinBytes([
    etherTypeOf(ethernet),
    annotated('0000 00000002 0001 00 06'),
    ethernet.subarray(6, 12),
    annotated('0000'),
    ipOf(ethernet),
  ]);

/** VXLAN, network 42, over IPv4. */
export const inVxlan = (ethernet: Uint8Array): Uint8Array => {
  const body = joinBytes([annotated('08000000 00002a00'), ethernet]);
  const udp = joinBytes([u16s(49_152, VXLAN_PORT, 8 + body.length, 0), body]);
  return inIpv4(17, udp);
};

/** GRE that carries IP, with a key when one is given. */
export const inGre = (ethernet: Uint8Array, key?: number): Uint8Array =>
  inIpv4(
    47,
    joinBytes([
      u16s(key === undefined ? 0 : 0x2000),
      etherTypeOf(ethernet),
      key === undefined ? new Uint8Array(0) : u16s(key >>> 16, key & 0xffff),
      ipOf(ethernet),
    ]),
  );

/** GRE that carries Ethernet frames, with checksum and sequence number. */
export const inGreBridge = (ethernet: Uint8Array): Uint8Array =>
  inIpv4(47, joinBytes([annotated('9000 6558 00000000 00000007'), ethernet]));

/** ERSPAN type I: GRE alone. */
export const inErspan1 = (ethernet: Uint8Array): Uint8Array =>
  inIpv4(47, joinBytes([annotated('0000 88be'), ethernet]));

/** ERSPAN type II, VLAN 5, session 100. */
export const inErspan2 = (ethernet: Uint8Array): Uint8Array =>
  inIpv4(47, joinBytes([annotated('1000 88be 00000001 1005 0064 00000000'), ethernet]));

/** ERSPAN type III, session 100, with its platform header. */
export const inErspan3 = (ethernet: Uint8Array): Uint8Array =>
  inIpv4(47, joinBytes([annotated('1000 22eb 00000001 2005 0064 00000000 0000 0001 0000000000000000'), ethernet]));

/** IPv4 or IPv6 in IPv4. */
export const inIp = (ethernet: Uint8Array): Uint8Array => inIpv4(isIpv6(ethernet) ? 41 : 4, ipOf(ethernet));

/** An Ethernet frame with an IPv4 packet between the ends of a tunnel. */
function inIpv4(protocol: number, body: Uint8Array): Uint8Array {
  const header = Uint8Array.from([
    ...annotated('4500'),
    ...u16s(20 + body.length),
    ...annotated('0000 0000 40'),
    protocol,
    ...annotated('0000'),
    ...TUNNEL_ENDS,
  ]);
  return joinBytes([annotated(OUTER_ETHERNET), header, body]);
}

const u16s = (...values: readonly number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
