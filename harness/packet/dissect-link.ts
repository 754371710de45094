import { layer, type DissectedLayer, type Dissection, type Layout } from './dissection.ts';
import type { Packet } from './packet.ts';
import type { Tunnel } from './packet-in-progress.ts';
import { ipv4Options, routerAlert } from './ip-options.ts';
import { controlText } from './icmp.ts';
import { etherTypeText, ipProtocolText } from './protocol-names.ts';
import { TCP_FLAGS, type TcpLayer } from './layers.ts';
import { hexNumber } from './text.ts';
import { tcpOptions } from './tcp-options.ts';

const IPV4: Layout = { fragment: [6, 2], ttl: [8, 1], protocol: [9, 1], source: [12, 4], destination: [16, 4] };
const IPV6: Layout = { ttl: [7, 1], source: [8, 16], destination: [24, 16] };
const UDP: Layout = { sourcePort: [0, 2], destinationPort: [2, 2], length: [4, 2] };
const UDP_LENGTH = 8;
const TCP: Layout = {
  sourcePort: [0, 2],
  destinationPort: [2, 2],
  sequence: [4, 4],
  acknowledgement: [8, 4],
  flags: [13, 1],
  window: [14, 2],
};

/** Link, network and transport layers of a packet that `frame` was decoded to, and the summary of the innermost. */
export function dissectLink(packet: Packet, frame: Uint8Array): Dissection {
  const { ethernet, ipv4, ipv6, udp, tcp } = packet;
  const layers: DissectedLayer[] = [];
  let summary = `${packet.payloadLength} bytes`;
  const ip = ipv4 ?? ipv6;
  // The payload, decoded or not, begins where the innermost header ends.
  const carriedAt = packet.payloadAt;
  for (const tunnel of packet.tunnels ?? []) layers.push(tunnelLayer(tunnel, frame));
  if (ethernet) {
    const etherType = hexNumber(ethernet.etherType, 4);
    const bytes = frame.subarray(ethernet.offset, ip?.offset ?? carriedAt);
    layers.push(
      layer(
        'ethernet',
        bytes,
        {
          source: ethernet.source,
          destination: ethernet.destination,
          etherType,
          vlan: ethernet.vlans.length > 0 ? ethernet.vlans.join(', ') : undefined,
        },
        ethernetLayout(ethernet.vlans.length, bytes.length),
      ),
    );
    summary = `${etherTypeText(ethernet.etherType)}, ${packet.payloadLength} bytes`;
  }
  if (ip) {
    const fragment = ip.fragment && `offset ${ip.fragment.offset}${ip.fragment.more ? ', more follow' : ', the last'}`;
    const bytes = frame.subarray(
      ip.offset,
      ipv4 ? ip.offset + ipv4.headerLength : (udp?.offset ?? tcp?.offset ?? carriedAt),
    );
    layers.push(
      layer(
        ipv4 ? 'ipv4' : 'ipv6',
        bytes,
        {
          source: ip.source,
          destination: ip.destination,
          protocol: ip.protocol,
          ttl: ipv4?.ttl ?? ipv6?.hopLimit,
          fragment,
          routerAlert: ipv4 && routerAlert(ipv4Options(bytes)),
        },
        ipv4 ? IPV4 : IPV6,
      ),
    );
    summary = fragment
      ? `IP fragment of ${ip.source} to ${ip.destination}, ${fragment}`
      : (controlText(packet) ??
        `${ipProtocolText(ip.protocol)}, ${ip.source} to ${ip.destination}, ${packet.payloadLength} bytes`);
  }
  if (udp) {
    layers.push(
      layer(
        'udp',
        frame.subarray(udp.offset, udp.offset + UDP_LENGTH),
        { sourcePort: udp.sourcePort, destinationPort: udp.destinationPort, length: udp.length },
        UDP,
      ),
    );
    summary = `UDP ${udp.sourcePort} > ${udp.destinationPort}, ${packet.payloadLength} bytes`;
  }
  if (tcp) {
    layers.push(tcpLayer(tcp, frame, packet.payloadLength));
    summary = `TCP ${tcp.sourcePort} > ${tcp.destinationPort} [${flagNames(tcp)}] seq ${tcp.sequence} ack ${tcp.acknowledgement} win ${tcp.window} len ${packet.payloadLength}`;
  }
  if (packet.undecoded !== undefined) summary = `${packet.undecoded}, ${packet.payloadLength} bytes`;
  return { summary, layers };
}

function tunnelLayer({ protocol, id, ip, insideAt }: Tunnel, frame: Uint8Array): DissectedLayer {
  return layer(protocol.toLowerCase().replaceAll(' ', '-'), frame.subarray(ip.offset, insideAt), {
    source: ip.source,
    destination: ip.destination,
    id,
  });
}

// 4 bytes a VLAN tag between addresses and EtherType. Any other length is that of a cooked header, whose fields are
// different.
function ethernetLayout(vlans: number, length: number): Layout {
  return length === 14 + 4 * vlans
    ? { destination: [0, 6], source: [6, 6], vlan: [12, 4 * vlans], etherType: [12 + 4 * vlans, 2] }
    : {};
}

function tcpLayer(tcp: TcpLayer, frame: Uint8Array, payloadLength: number): DissectedLayer {
  const options = tcpOptions(tcp.options);
  const fields = {
    sourcePort: tcp.sourcePort,
    destinationPort: tcp.destinationPort,
    sequence: tcp.sequence,
    acknowledgement: tcp.acknowledgement,
    flags: flagNames(tcp),
    window: tcp.window,
    mss: options.mss,
    windowScale: options.windowScale,
    options: options.malformed && `malformed: ${options.malformed.reason}`,
    payloadLength,
  };
  return layer('tcp', frame.subarray(tcp.offset, tcp.offset + tcp.headerLength), fields, TCP);
}

const flagNames = (tcp: TcpLayer): string =>
  Object.entries(TCP_FLAGS)
    .filter(([, bit]) => tcp.flags & bit)
    .map(([name]) => name.toUpperCase())
    .join(', ');
