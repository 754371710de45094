import { u16 } from './layers.ts';
import { decodeFrame, type Packet } from './packet.ts';
import { ipProtocolText } from './protocol-names.ts';

// Messages about IP itself: ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861).

/** Numbers of the protocols that carry them. */
export const ICMP = 1;
export const ICMPV6 = 58;

interface Kind {
  readonly name: string;
  readonly codes?: Readonly<Record<number, string>>;
  /** Whether the packet that it is about follows the first 8 bytes. */
  readonly quotes?: true;
}

/** By type; codes by number (IANA ICMP parameters). */
const ICMP_KINDS: Readonly<Record<number, Kind>> = {
  0: { name: 'echo reply' },
  3: {
    name: 'destination unreachable',
    quotes: true,
    codes: {
      0: 'network unreachable',
      1: 'host unreachable',
      2: 'protocol unreachable',
      3: 'port unreachable',
      4: 'fragmentation needed',
      5: 'source route failed',
      6: 'network unknown',
      7: 'host unknown',
      9: 'network prohibited',
      10: 'host prohibited',
      13: 'communication prohibited',
    },
  },
  4: { name: 'source quench', quotes: true },
  5: {
    name: 'redirect',
    quotes: true,
    codes: { 0: 'for the network', 1: 'for the host', 2: 'for service and network', 3: 'for service and host' },
  },
  8: { name: 'echo request' },
  9: { name: 'router advertisement' },
  10: { name: 'router solicitation' },
  11: { name: 'time exceeded', quotes: true, codes: { 0: 'in transit', 1: 'in reassembly' } },
  12: { name: 'parameter problem', quotes: true },
  13: { name: 'timestamp request' },
  14: { name: 'timestamp reply' },
};

const ICMPV6_KINDS: Readonly<Record<number, Kind>> = {
  1: {
    name: 'destination unreachable',
    quotes: true,
    codes: {
      0: 'no route',
      1: 'communication prohibited',
      2: 'beyond scope of source address',
      3: 'address unreachable',
      4: 'port unreachable',
      5: 'source address failed policy',
      6: 'route rejected',
    },
  },
  2: { name: 'packet too big', quotes: true },
  3: { name: 'time exceeded', quotes: true, codes: { 0: 'in transit', 1: 'in reassembly' } },
  4: { name: 'parameter problem', quotes: true },
  128: { name: 'echo request' },
  129: { name: 'echo reply' },
  130: { name: 'multicast listener query' },
  131: { name: 'multicast listener report' },
  132: { name: 'multicast listener done' },
  133: { name: 'router solicitation' },
  134: { name: 'router advertisement' },
  135: { name: 'neighbour solicitation' },
  136: { name: 'neighbour advertisement' },
  137: { name: 'redirect' },
  143: { name: 'multicast listener report' },
};

/** An ICMP or ICMPv6 message in one line, with what it is about; undefined for any other packet. */
export function controlText(packet: Packet): string | undefined {
  const ip = packet.ipv4 ?? packet.ipv6;
  if (!ip || packet.udp || packet.tcp || packet.malformed) return undefined;
  const ends = `${ip.source} to ${ip.destination}`;
  const { payload } = packet;
  if (ip.protocol === ICMP) return `ICMP ${kindText(ICMP_KINDS, payload)}, ${ends}${aboutText(ICMP_KINDS, payload)}`;
  if (ip.protocol === ICMPV6)
    return `ICMPv6 ${kindText(ICMPV6_KINDS, payload)}, ${ends}${aboutText(ICMPV6_KINDS, payload)}`;
  return undefined;
}

function kindText(kinds: Readonly<Record<number, Kind>>, payload: Uint8Array): string {
  const [type, code] = payload;
  if (type === undefined || code === undefined) return 'without a header';
  const kind = kinds[type];
  if (!kind) return `type ${type} code ${code}`;
  const codeText = kind.codes?.[code] ?? (code === 0 && !kind.codes ? undefined : `code ${code}`);
  return codeText === undefined ? kind.name : `${kind.name} (${codeText})`;
}

function aboutText(kinds: Readonly<Record<number, Kind>>, payload: Uint8Array): string {
  const about = kinds[payload[0] ?? 0]?.quotes ? quotedPacket(payload) : undefined;
  if (!about) return '';
  const { protocol, from, to } = about;
  return from.port === 0 && to.port === 0
    ? `, about ${ipProtocolText(protocol)} ${from.ip} to ${to.ip}`
    : `, about ${ipProtocolText(protocol)} ${from.ip}:${from.port} to ${to.ip}:${to.port}`;
}

/** One end of the packet that an error repeats; port 0 where the repetition does not reach the ports. */
export interface QuotedEnd {
  readonly ip: string;
  readonly port: number;
}

/** The packet that an error is about, as far as the error repeats it. */
export interface QuotedPacket {
  /** 17 UDP, 6 TCP, … */
  readonly protocol: number;
  readonly from: QuotedEnd;
  readonly to: QuotedEnd;
}

/**
 * The packet that an ICMP or ICMPv6 error is about: a router sends back the header that troubled it, and 8 bytes at least
 * of what followed (RFC 792), which are the ports.
 */
export function quotedPacket(payload: Uint8Array): QuotedPacket | undefined {
  const about = decodeFrame(payload.subarray(8), RAW_IP);
  const ip = about.ipv4 ?? about.ipv6;
  if (!ip) return undefined;
  // TCP ports are there although its header is cut: they are its first bytes.
  const ports = about.udp ?? (about.malformed?.protocol === 'tcp' ? portsOf(about.malformed.bytes) : about.tcp);
  return {
    protocol: ip.protocol,
    from: { ip: ip.source, port: ports?.sourcePort ?? 0 },
    to: { ip: ip.destination, port: ports?.destinationPort ?? 0 },
  };
}

const RAW_IP = 101;

const portsOf = (bytes: Uint8Array): { sourcePort: number; destinationPort: number } | undefined =>
  bytes.length < 4 ? undefined : { sourcePort: u16(bytes, 0), destinationPort: u16(bytes, 2) };
