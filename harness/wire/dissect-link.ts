import { layer, type DissectedLayer, type Dissection } from './dissection.ts';
import type { Packet } from './packet.ts';
import { TCP_FLAGS, type TcpLayer } from './packet-layers.ts';
import { tcpOptions } from './tcp-options.ts';

/** Link, network and transport layers of a packet, and the summary of the innermost. */
export function dissectLink(packet: Packet): Dissection {
  const { ethernet, arp, ipv4, ipv6, udp, tcp } = packet;
  const layers: DissectedLayer[] = [];
  let summary = `${packet.payloadLength} bytes`;
  if (ethernet) {
    const etherType = `0x${ethernet.etherType.toString(16).padStart(4, '0')}`;
    layers.push(layer('ethernet', { source: ethernet.source, destination: ethernet.destination, etherType, vlan: ethernet.vlans.length > 0 ? ethernet.vlans.join(', ') : undefined }));
    summary = `Ethernet type ${etherType}, ${packet.payloadLength} bytes`;
  }
  if (arp) {
    layers.push(layer('arp', { ...arp }));
    summary = arp.operation === 1 ? `ARP who has ${arp.targetIp}? Tell ${arp.senderIp}` : `ARP ${arp.senderIp} is at ${arp.senderMac}`;
  }
  const ip = ipv4 ?? ipv6;
  if (ip) {
    const fragment = ip.fragment && `offset ${ip.fragment.offset}${ip.fragment.more ? ', more follow' : ', the last'}`;
    layers.push(layer(ipv4 ? 'ipv4' : 'ipv6', { source: ip.source, destination: ip.destination, protocol: ip.protocol, ttl: ipv4?.ttl ?? ipv6?.hopLimit, fragment }));
    summary = fragment ? `IP fragment of ${ip.source} to ${ip.destination}, ${fragment}` : `IP protocol ${ip.protocol}, ${ip.source} to ${ip.destination}, ${packet.payloadLength} bytes`;
  }
  if (udp) {
    layers.push(layer('udp', { sourcePort: udp.sourcePort, destinationPort: udp.destinationPort, length: udp.length }));
    summary = `UDP ${udp.sourcePort} > ${udp.destinationPort}, ${packet.payloadLength} bytes`;
  }
  if (tcp) {
    layers.push(tcpLayer(tcp, packet.payloadLength));
    summary = `TCP ${tcp.sourcePort} > ${tcp.destinationPort} [${flagNames(tcp)}] seq ${tcp.sequence} ack ${tcp.acknowledgement} win ${tcp.window} len ${packet.payloadLength}`;
  }
  return { summary, layers };
}

function tcpLayer(tcp: TcpLayer, payloadLength: number): DissectedLayer {
  const options = tcpOptions(tcp.options);
  return layer('tcp', {
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
  });
}

const flagNames = (tcp: TcpLayer): string => Object.entries(TCP_FLAGS).filter(([, bit]) => tcp.flags & bit).map(([name]) => name.toUpperCase()).join(', ');
