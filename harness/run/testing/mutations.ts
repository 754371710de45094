import { isArp } from '../../protocols/arp/observe/observer.ts';
import { isDhcpv6 } from '../../protocols/dhcpv6/observe/observer.ts';
import { isIgmp } from '../../protocols/igmp/observe/observer.ts';
import { IGMP_CHECKSUM_AT } from '../../protocols/igmp/wire/message.ts';
import { isUdpcast } from '../../protocols/multicast/observe/observer.ts';
import { isNdp } from '../../protocols/ndp/observe/observer.ts';
import { RESTIC_PORT } from '../../protocols/restic/wire/ports.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame, type Packet } from '../../packet/packet.ts';
import type { Field } from './frame-field.ts';
import { udpcastOp } from './udpcast-fields.ts';
import { fieldsOf, transportOffset } from './frame-fields.ts';

/** A capture changed in one place. */
export interface Mutation {
  readonly kind: 'remove' | 'duplicate' | 'reorder' | 'alter';
  readonly protocol: string;
  /** One of many frames like it, that stands for all of them. */
  readonly bulk: boolean;
  /** For people: `alter tftp block, frame 279`. */
  readonly name: string;
  /** What stands in place of the frame at an index of the capture; all other frames stay. */
  readonly edits: ReadonlyMap<number, readonly Frame[]>;
}

/** A frame that means something, by its index, and the one that it can change places with. */
export interface Target {
  readonly index: number;
  readonly next: number | undefined;
  readonly bulk: boolean;
}

/** Link type of the captures that are changed here, the lab's own. */
export const ETHERNET = 1;

/** Every mutation of the targets' frames. */
export function mutationsOf(frames: readonly Frame[], targets: readonly Target[]): Mutation[] {
  return targets.flatMap(({ index, next, bulk }) => {
    const frame = frames[index];
    if (!frame) return [];
    const packet = decodeFrame(frame.bytes, ETHERNET, frame.originalLength);
    const protocol = protocolOf(packet);
    const named = (kind: Mutation['kind'], what: string, edits: Mutation['edits']): Mutation => ({
      kind,
      protocol,
      bulk,
      name: `${kind} ${protocol}${what}, frame ${frame.number}`,
      edits,
    });
    const other = next === undefined ? undefined : frames[next];
    return [
      named('remove', '', new Map([[index, []]])),
      named('duplicate', '', new Map([[index, [frame, sentAgain(frame, packet)]]])),
      ...(next === undefined || !other
        ? []
        : [
            named(
              'reorder',
              ` with frame ${other.number}`,
              new Map([
                [index, [placed(other, frame)]],
                [next, [placed(frame, other)]],
              ]),
            ),
          ]),
      ...fieldsOf(packet, frame.bytes).map((one) =>
        named('alter', ` ${one.name}`, new Map([[index, [altered(frame, packet, one)]]])),
      ),
    ];
  });
}

/** The whole capture with a mutation in it, numbered anew. */
export function mutated(frames: readonly Frame[], { edits }: Mutation): Frame[] {
  return frames
    .flatMap((frame, index) => edits.get(index) ?? [frame])
    .map((frame, index) => ({ ...frame, number: index + 1 }));
}

/** A frame's content at another's place and time. */
function placed(content: Frame, place: Frame): Frame {
  return { ...content, number: place.number, atUs: place.atUs };
}

/**
 * The packet as its sender sends it again: with another IP identification. One with the same is a frame that the
 * capture holds twice, which nobody has to notice.
 */
function sentAgain(frame: Frame, { ipv4 }: Packet): Frame {
  if (!ipv4) return frame;
  const bytes = Uint8Array.from(frame.bytes);
  const view = new DataView(bytes.buffer);
  const [identificationAt, checksumAt] = [ipv4.offset + 4, ipv4.offset + 10];
  const next = (ipv4.identification + 1) & 0xffff || 1;
  // Incrementally, as RFC 1624 equation 3 does it.
  const sum = (~view.getUint16(checksumAt) & 0xffff) + (~ipv4.identification & 0xffff) + next;
  view.setUint16(identificationAt, next);
  view.setUint16(checksumAt, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
  return { ...frame, bytes };
}

function altered(frame: Frame, packet: Packet, { at, bits }: Field): Frame {
  const bytes = Uint8Array.from(frame.bytes);
  bytes[at] = (bytes[at] ?? 0) ^ bits;
  if (packet.udp || packet.tcp || isIgmp(packet)) repairChecksum(bytes, packet, at, bits);
  return { ...frame, bytes };
}

/**
 * Makes the transport checksum right again, so that it does not betray a change: incrementally (RFC 1624
 * equation 3), because a trimmed frame does not hold all that the checksum is over.
 */
function repairChecksum(bytes: Uint8Array, packet: Packet, at: number, bits: number): void {
  const transport = transportOffset(bytes);
  // Offset of the checksum: 6 in UDP (RFC 768), 16 in TCP (RFC 9293 section 3.1).
  const checksumAt = transport + (packet.udp ? 6 : packet.tcp ? 16 : IGMP_CHECKSUM_AT);
  const view = new DataView(bytes.buffer);
  const checksum = view.getUint16(checksumAt);
  if (packet.udp && checksum === 0) return;
  const now = bytes[at] ?? 0;
  const shift = (at - transport) % 2 === 0 ? 8 : 0;
  const sum = (~checksum & 0xffff) + (~((now ^ bits) << shift) & 0xffff) + (now << shift);
  view.setUint16(checksumAt, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
}

function protocolOf(packet: Packet): string {
  const { udp, tcp, payload } = packet;
  if (isArp(packet)) return 'arp';
  if (isNdp(packet)) return 'ndp';
  if (isIgmp(packet)) return 'igmp';
  if (isDhcpv6(packet)) return 'dhcpv6';
  if (isUdpcast(packet)) return `udpcast ${udpcastOp(packet.payload) ?? ''}`;
  if (tcp && payload.length === 0) return 'tcp';
  if (tcp) return [tcp.sourcePort, tcp.destinationPort].includes(RESTIC_PORT) ? 'restic' : 'smb';
  return [67, 68, 4011].includes(udp?.destinationPort ?? 0) ? 'dhcp' : 'tftp';
}
