import { dissectDhcp } from './dissect-dhcp.ts';
import { dissectLink } from './dissect-link.ts';
import { dissectRpc } from './dissect-rpc.ts';
import { dissectSmb, looksLikeSmb } from './dissect-smb.ts';
import { dissectTftp } from './dissect-tftp.ts';
import { dissectMalformed, layer, type Dissection } from './dissection.ts';
import type { Frame } from './frame.ts';
import { decodeHttpHead } from './http1.ts';
import { decodeFrame, type Packet } from './packet.ts';
import { decodeText } from './text.ts';

export type { DissectedField, DissectedLayer, Dissection } from './dissection.ts';

/** What a frame alone cannot tell. */
export interface DissectHints {
  /** UDP ports of running TFTP transfers: data does not come from port 69. */
  readonly tftpPorts?: ReadonlySet<number>;
}

/**
 * A frame for people: everything in it that stands on its own, by well-known ports, with a summary in Wireshark's spirit.
 * For reports; it looks at one frame and remembers nothing.
 */
export function dissect(frame: Frame, linkType: number, hints: DissectHints = {}): Dissection {
  const packet = decodeFrame(frame.bytes, linkType, frame.originalLength);
  const link = dissectLink(packet);
  const application = packet.malformed ? dissectMalformed(packet.malformed) : dissectApplication(packet, hints);
  if (!application) return link;
  return { summary: application.summary, layers: [...link.layers, ...application.layers] };
}

function dissectApplication(packet: Packet, hints: DissectHints): Dissection | undefined {
  if (packet.payload.length === 0) return undefined;
  if (packet.udp) return isWholeDatagram(packet) ? dissectUdp(packet, [packet.udp.sourcePort, packet.udp.destinationPort], hints) : undefined;
  return packet.tcp ? dissectTcp(packet, [packet.tcp.sourcePort, packet.tcp.destinationPort]) : undefined;
}

const isWholeDatagram = (packet: Packet): boolean => !(packet.ipv4?.fragment ?? packet.ipv6?.fragment);

function dissectUdp(packet: Packet, ports: readonly number[], hints: DissectHints): Dissection | undefined {
  if (ports.some((port) => port === 67 || port === 68 || port === 4011)) return dissectDhcp(packet.payload);
  if (ports.some((port) => port === 69 || hints.tftpPorts?.has(port))) return dissectTftp(packet.payload, packet.payloadLength);
  return undefined;
}

function dissectTcp(packet: Packet, ports: readonly number[]): Dissection | undefined {
  if (looksLikeSmb(packet.payload)) return dissectSmb(packet.payload);
  if (ports.includes(135) || ports.includes(5040)) return dissectRpc(packet.payload, ports[1] === 135 || ports[1] === 5040);
  return ports.includes(80) ? dissectHttp(packet.payload) : undefined;
}

// A segment in the middle of a body looks like nothing: TCP's own summary says enough about it.
function dissectHttp(bytes: Uint8Array): Dissection | undefined {
  const head = decodeHttpHead(bytes);
  if (!head || head.kind === 'malformed') return undefined;
  const [first = ''] = decodeText(bytes.subarray(0, head.headLength)).split(/\r?\n/, 1);
  return { summary: `HTTP ${first}`, layers: [{ name: 'http', fields: [...layer('http', { line: first }).fields, ...head.headers] }] };
}
