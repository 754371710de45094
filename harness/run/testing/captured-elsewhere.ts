import { ipv4Bytes, macBytes } from '../../packet/addresses.ts';
import { joinBytes } from '../../packet/bytes.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame, type Packet } from '../../packet/packet.ts';
import { isDhcp } from '../../protocols/dhcp/observe/observer.ts';
import { ETHERNET } from './mutations.ts';

// What a capture of the same boot holds when it is taken elsewhere: frames of an Ethernet segment with new headers. ARP
// and IPv6 are left out: the one never leaves its segment, the other is no boot's yet.

/** A capture with its link type. */
export interface Captured {
  readonly linkType: number;
  readonly frames: readonly Frame[];
}

/** Who is behind a router, and what the router's frames look like on the other side of it. */
export interface Behind {
  /** Hardware addresses of the hosts behind it. */
  readonly hosts: readonly string[];
  /** Hardware address that its frames come from. */
  readonly sends: string;
  /** Hardware address that frames to it go to. */
  readonly receives: string;
  /** What forwarding takes off the time to live. */
  readonly hops: number;
  /** Time to live that the hosts behind it begin with. */
  readonly initialTtl: number;
}

const ETHERTYPE = { ipv4: 0x0800, vlan: 0x8100 } as const;
const ARPHRD = { ethernet: 1, none: 0xfffe } as const;
const GIADDR_AT = 24;
const HOPS_AT = 3;
const BROADCAST = '255.255.255.255';

const decoded = ({ bytes, originalLength }: Frame): Packet => decodeFrame(bytes, ETHERNET, originalLength);

/** Frames, without those of a kind, numbered anew. */
function without(frames: readonly Frame[], isLeftOut: (packet: Packet) => boolean): Frame[] {
  return frames.filter((frame) => !isLeftOut(decoded(frame))).map((frame, index) => ({ ...frame, number: index + 1 }));
}

/** The IPv4 of a capture: no ARP, and nothing else that stays on its segment. */
export const onlyIp = (frames: readonly Frame[]): Frame[] => without(frames, ({ ipv4 }) => ipv4 === undefined);

/** The same without DHCP, as a filter on other ports leaves it. */
export const withoutDhcp = (frames: readonly Frame[]): Frame[] =>
  without(frames, (packet) => packet.ipv4 === undefined || isDhcp(packet));

/** Each IPv4 frame with the bytes that `change` makes of it. */
function changed(
  frames: readonly Frame[],
  change: (frame: Frame, packet: Packet, ip: Uint8Array) => Uint8Array,
): Frame[] {
  return onlyIp(frames).map((frame) => {
    const packet = decoded(frame);
    const bytes = change(frame, packet, frame.bytes.slice(packet.ipv4?.offset ?? 0));
    return { ...frame, bytes, originalLength: frame.originalLength - frame.bytes.length + bytes.length };
  });
}

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const ethernet = (destination: string, source: string, ip: Uint8Array): Uint8Array =>
  joinBytes([macBytes(destination), macBytes(source), Uint8Array.from(u16(ETHERTYPE.ipv4)), ip]);

/** Hosts behind a router, their DHCP left out. */
export function behindRouter(frames: readonly Frame[], router: Behind): Captured {
  return {
    linkType: ETHERNET,
    frames: changed(withoutDhcp(frames), (_frame, packet, ip) => forwarded(packet, ip, router)),
  };
}

/** Hosts behind a router that relays their DHCP (RFC 1542 section 4) to the server at `serverIp`. */
export function behindRelay(frames: readonly Frame[], router: Behind & { giaddr: string; serverIp: string }): Captured {
  const { giaddr, serverIp } = router;
  return {
    linkType: ETHERNET,
    frames: changed(frames, (frame, packet, ip) => {
      const ports = [packet.udp?.sourcePort, packet.udp?.destinationPort];
      if (!isDhcp(packet) || ports.includes(4011)) return forwarded(packet, ip, router);
      const bootp = ip.length - (frame.bytes.length - (packet.payload.byteOffset - frame.bytes.byteOffset));
      const asks = router.hosts.includes(packet.ethernet?.source ?? '');
      ip.set(ipv4Bytes(giaddr), asks ? 12 : 16);
      if (asks && packet.ipv4?.destination === BROADCAST) ip.set(ipv4Bytes(serverIp), 16);
      // A relay speaks from port 67 to port 67 (RFC 1542 section 4.1.1).
      ip.set(u16(67), 20);
      ip.set(u16(67), 22);
      ip.set(ipv4Bytes(giaddr), bootp + GIADDR_AT);
      if (asks) ip[bootp + HOPS_AT] = 1;
      return asks
        ? ethernet(packet.ethernet?.destination ?? '', router.sends, ip)
        : ethernet(router.receives, packet.ethernet?.source ?? '', ip);
    }),
  };
}

/** A capture of Linux' cooked kind, SLL or SLL2: the sender's hardware address, or none of an interface without addresses. */
export function cooked(frames: readonly Frame[], version: 1 | 2, hasAddresses: boolean): Captured {
  return {
    linkType: version === 1 ? 113 : 276,
    frames: changed(frames, (_frame, { ethernet }, ip) => {
      const hardware = u16(hasAddresses ? ARPHRD.ethernet : ARPHRD.none);
      const address = hasAddresses ? [...macBytes(ethernet?.source ?? ''), 0, 0] : Array.from({ length: 8 }, () => 0);
      const length = hasAddresses ? 6 : 0;
      const header =
        version === 1
          ? [0, 0, ...hardware, ...u16(length), ...address, ...u16(ETHERTYPE.ipv4)]
          : [...u16(ETHERTYPE.ipv4), 0, 0, 0, 0, 0, 2, ...hardware, 0, length, ...address];
      return joinBytes([Uint8Array.from(header), ip]);
    }),
  };
}

/** IP without any header before it, as from a tunnel. */
export function rawIp(frames: readonly Frame[]): Captured {
  return { linkType: 101, frames: changed(frames, (_frame, _packet, ip) => ip) };
}

/** A trunk port: every frame with the tag of a VLAN. */
export function tagged(frames: readonly Frame[], vlan: number): Captured {
  return {
    linkType: ETHERNET,
    frames: changed(frames, ({ bytes }) =>
      joinBytes([bytes.subarray(0, 12), Uint8Array.from([...u16(ETHERTYPE.vlan), ...u16(vlan)]), bytes.subarray(12)]),
    ),
  };
}

function forwarded(
  { ethernet: link }: Packet,
  ip: Uint8Array,
  { hosts, sends, receives, hops, initialTtl }: Behind,
): Uint8Array {
  const [source, destination] = [link?.source ?? '', link?.destination ?? ''];
  if (!hosts.includes(source)) return ethernet(hosts.includes(destination) ? receives : destination, source, ip);
  ip[8] = initialTtl - hops;
  return ethernet(destination, sends, ip);
}
