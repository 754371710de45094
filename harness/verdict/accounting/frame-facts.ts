import { isArp } from '../../protocols/arp/observe/observer.ts';
import { destinationOf, endText, sourceOf } from '../../protocols/base/observe/flow-ends.ts';
import { unjudgedName } from '../../protocols/unjudged.ts';
import { TCP_FLAGS } from '../../packet/layers.ts';
import type { Packet } from '../../packet/packet.ts';

/** What accounting needs of a frame; made while its bytes are at hand. */
export interface FrameFacts {
  readonly frame: number;
  readonly protocol: 'arp' | 'udp' | 'tcp' | 'other';
  /** The name of a protocol that no machine judges, e.g. `ICMP` or `DHCPv6`; undefined where one might. */
  readonly unjudged: string | undefined;
  /** `ip:port` of sender and receiver, as events name them; empty without ports. */
  readonly source: string;
  readonly destination: string;
  readonly payloadLength: number;
  /** What a TCP segment without payload does. */
  readonly control: 'SYN' | 'SYN, ACK' | 'FIN' | 'RST' | 'acknowledgement';
}

/** The facts of a decoded frame. */
export function frameFacts(frame: number, packet: Packet): FrameFacts {
  const { udp, tcp, payloadLength } = packet;
  const ports = udp ?? tcp;
  return {
    frame,
    protocol: isArp(packet) ? 'arp' : udp ? 'udp' : tcp ? 'tcp' : 'other',
    unjudged: unjudgedName(packet),
    source: ports ? endText(sourceOf(packet)) : '',
    destination: ports ? endText(destinationOf(packet)) : '',
    payloadLength,
    control: controlOf(tcp?.flags ?? 0),
  };
}

function controlOf(flags: number): FrameFacts['control'] {
  if ((flags & TCP_FLAGS.rst) !== 0) return 'RST';
  if ((flags & TCP_FLAGS.syn) !== 0) return (flags & TCP_FLAGS.ack) !== 0 ? 'SYN, ACK' : 'SYN';
  return (flags & TCP_FLAGS.fin) !== 0 ? 'FIN' : 'acknowledgement';
}
