import { isNdp } from '../../protocols/ndp/observe/observer.ts';
import { isIgmp } from '../../protocols/igmp/observe/observer.ts';
import { isDhcpv6 } from '../../protocols/dhcpv6/observe/observer.ts';
import { isUdpcast } from '../../protocols/multicast/observe/observer.ts';
import { isArp } from '../../protocols/arp/observe/observer.ts';
import { decodeDhcp } from '../../protocols/dhcp/wire/codec.ts';
import { ISAKMP_PORT } from '../../protocols/isakmp/wire/ports.ts';
import { RESTIC_PORT } from '../../protocols/restic/wire/ports.ts';
import type { Packet } from '../../packet/packet.ts';
import { TCP_FLAGS } from '../../packet/layers.ts';
import { type Field, field } from './frame-field.ts';
import { dhcpv6Fields } from './dhcpv6-fields.ts';
import { igmpFields } from './igmp-fields.ts';
import { ndpFields } from './ndp-fields.ts';
import { resticFields } from './restic-fields.ts';
import { rpcFields } from './rpc-fields.ts';
import { smbFields } from './smb-fields.ts';
import { tftpFields } from './tftp-fields.ts';
import { tlsFields } from './tls-fields.ts';
import { udpcastFields } from './udpcast-fields.ts';

const DHCP_PORTS = [67, 68, 4011];
/** Fixed part of a BOOTP message (RFC 951 section 3), and the options' magic cookie after it (RFC 2131 section 3). */
const BOOTP = { op: 0, xid: 4, yiaddr: 16, siaddr: 20, chaddr: 28, file: 108, options: 240 } as const;
/**
 * Options that the DHCP state machines read: requested address, lease, type, server, vendor class, boot file (RFC 2132, RFC
 * 4578).
 */
const DHCP_OPTIONS: Readonly<Record<number, string>> = {
  50: 'requested address',
  51: 'lease',
  53: 'message type',
  54: 'server id',
  60: 'option 60',
  67: 'boot file',
};

/**
 * The fields of a frame that a protocol's state machines read, where the frame has them: what an altered frame may have
 * altered.
 */
export function fieldsOf(packet: Packet, frameBytes: Uint8Array): readonly Field[] {
  const at = packet.payload.byteOffset - frameBytes.byteOffset;
  if (isArp(packet)) return arpFields();
  if (isNdp(packet)) return ndpFields(packet.payload).map((one) => shifted(one, at));
  if (isIgmp(packet)) return igmpFields(packet.payload).map((one) => shifted(one, at));
  if (isDhcpv6(packet)) return dhcpv6Fields(packet.payload).map((one) => shifted(one, at));
  if (isUdpcast(packet)) return udpcastFields(packet.payload).map((one) => shifted(one, at));
  const { sourcePort = 0, destinationPort = 0 } = packet.udp ?? packet.tcp ?? {};
  const ports = [sourcePort, destinationPort];
  if (packet.udp && ports.every((port) => DHCP_PORTS.includes(port)))
    return dhcpFields(packet.payload).map((one) => shifted(one, at));
  // The exchange type after cookies, next payload and version (RFC 2408 section 3.1).
  if (packet.udp && ports.includes(ISAKMP_PORT)) return [field('exchange type', at + 18, 1)];
  if (packet.udp) return tftpFields(packet.payload).map((one) => shifted(one, at));
  if (packet.tcp)
    return [
      ...tcpFields(packet.tcp.flags, transportOffset(frameBytes)),
      ...applicationFields(packet.payload, ports).map((one) => shifted(one, at)),
    ];
  return [];
}

function applicationFields(payload: Uint8Array, ports: readonly number[]): Field[] {
  if (ports.includes(RESTIC_PORT)) return [...resticFields(payload), ...tlsFields(payload)];
  return [...smbFields(payload), ...rpcFields(payload), ...tlsFields(payload)];
}

/**
 * Where the transport header begins in an Ethernet frame: 14 bytes, then IPv6's 40 (RFC 8200 section 3, extension headers
 * are none here), or the header length of IPv4 in words of 4 (RFC 791 section 3.1).
 */
export function transportOffset(frameBytes: Uint8Array): number {
  const first = frameBytes[14] ?? 0;
  return 14 + (first >> 4 === 6 ? 40 : (first & 0x0f) * 4);
}

/**
 * RFC 826 over Ethernet: 14 bytes of link header, 6 of types and lengths, the operation's low byte, then the addresses.
 */
function arpFields(): Field[] {
  return [field('opcode', 20, 2, 3), field('sender mac', 22, 6), field('sender ip', 28, 4), field('target ip', 38, 4)];
}

function dhcpFields(payload: Uint8Array): Field[] {
  const message = decodeDhcp(payload);
  if (message.kind === 'malformed') return [];
  const reply = message.op === 2;
  const fields = [field('op', BOOTP.op, 1, 3), field('xid', BOOTP.xid, 4), field('chaddr', BOOTP.chaddr, message.hlen)];
  // A client's request leaves what only replies fill.
  if (reply && message.yiaddr !== '0.0.0.0') fields.push(field('yiaddr', BOOTP.yiaddr, 4));
  if (reply && message.siaddr !== '0.0.0.0') fields.push(field('siaddr', BOOTP.siaddr, 4));
  if (reply && message.file !== '') fields.push(field('boot file', BOOTP.file, 1));
  for (let at: number = BOOTP.options; at + 1 < payload.length && payload[at] !== 255; ) {
    const code = payload[at] ?? 0;
    const length = payload[at + 1] ?? 0;
    if (code === 0) {
      at += 1;
      continue;
    }
    const name = DHCP_OPTIONS[code];
    if (name !== undefined && length > 0) fields.push(field(name, at + 2, code === 60 || code === 67 ? 1 : length));
    at += 2 + length;
  }
  return fields;
}

/**
 * Ports, numbers, flags (RFC 9293 section 3.1): the low byte of the sequence number; of the flags SYN, where it is set.
 */
function tcpFields(flags: number, at: number): Field[] {
  return [
    field('sequence', at + 4, 4),
    ...((flags & TCP_FLAGS.syn) === 0 ? [] : [field('flags', at + 13, 1, TCP_FLAGS.syn)]),
  ];
}

function shifted(one: Field, by: number): Field {
  return { ...one, at: one.at + by };
}
