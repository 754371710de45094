import type { PacketInProgress } from './packet-in-progress.ts';
import { TcpLayer, UdpLayer, type Fragment } from './layers.ts';
import { decodeOtherProtocol, enterVxlan, isVxlan, isVxlanPort } from './tunnels.ts';

const TCP = 6;
const UDP = 17;

/** Decodes what IP carries between `at` and `end` (a wire position: the capture may hold less). */
export function decodeTransport(
  packet: PacketInProgress,
  protocol: number,
  at: number,
  end: number,
  fragment: Fragment | undefined,
): void {
  if (fragment && fragment.offset > 0) packet.carry(at, end);
  else if (protocol === UDP) decodeUdp(packet, at, end, fragment !== undefined);
  else if (protocol === TCP) decodeTcp(packet, at, end);
  else decodeOtherProtocol(packet, protocol, at, end, fragment !== undefined);
}

// RFC 768. Length 0 stands for "all of it" in jumbograms (RFC 2675 section 4) and super-frames.
function decodeUdp(packet: PacketInProgress, at: number, end: number, isFragment: boolean): void {
  const { bytes } = packet;
  const present = Math.min(end, bytes.length) - at;
  if (present < 8) {
    packet.fail('udp', `the header has 8 bytes but there are only ${Math.max(0, present)}`, at);
    return;
  }
  const udp = new UdpLayer(bytes, at);
  packet.udp = udp;
  const length = udp.length === 0 ? end - at : udp.length;
  if (length < 8) packet.fail('udp', `length ${length} is less than the header's 8`, at);
  else if (isVxlanPort(udp.destinationPort) && isVxlan(bytes, at + 8, Math.min(end, at + length))) {
    if (isFragment) packet.leave('VXLAN in IP fragments', at + 8, end);
    else enterVxlan(packet, at + 8);
  } else if (isFragment) packet.carry(at + 8, end);
  else if (at + length > end)
    packet.fail('udp', `length ${length} is more than the ${end - at} bytes that IP carries`, at);
  else packet.carry(at + 8, at + length);
}

// RFC 9293 section 3.1: the data offset counts 32-bit words, 5 to 15.
function decodeTcp(packet: PacketInProgress, at: number, end: number): void {
  const { bytes } = packet;
  const present = Math.min(end, bytes.length) - at;
  const headerLength = ((bytes[at + 12] ?? 0) >> 4) * 4;
  if (present < 20 || (headerLength >= 20 && present < headerLength)) {
    packet.fail(
      'tcp',
      `the header has ${present < 20 ? 20 : headerLength} bytes but there are only ${Math.max(0, present)}`,
      at,
    );
    return;
  }
  if (headerLength < 20) {
    packet.fail('tcp', `the header length is at least 20, got ${headerLength}`, at);
    return;
  }
  packet.tcp = new TcpLayer(bytes, at, headerLength);
  packet.carry(at + headerLength, end);
}
