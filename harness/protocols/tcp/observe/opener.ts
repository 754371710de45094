import { TCP_FLAGS } from '../../../packet/layers.ts';
import type { Packet } from '../../../packet/packet.ts';

const SYN_AND_ACK = TCP_FLAGS.syn | TCP_FLAGS.ack;

/**
 * Which end of a segment opened its connection and so is the client of it, whoever else is a client of the capture: the
 * sender of a SYN; without one, who talks to a service's port; undefined where neither shows.
 */
export function openerOf({ tcp }: Packet, servicePorts: ReadonlySet<number>): 'sender' | 'receiver' | undefined {
  if (!tcp) return undefined;
  const synchronises = tcp.flags & SYN_AND_ACK;
  if (synchronises === TCP_FLAGS.syn) return 'sender';
  const toService = servicePorts.has(tcp.destinationPort);
  if (toService !== servicePorts.has(tcp.sourcePort)) return toService ? 'sender' : 'receiver';
  return synchronises === SYN_AND_ACK ? 'receiver' : undefined;
}
