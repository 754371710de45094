import { decodeByEtherType, decodeEthernet, decodeLink } from './link.ts';
import { PacketInProgress, type Packet } from './packet-in-progress.ts';
import { TRANSPARENT_ETHERNET } from './tunnels.ts';

export type { Packet } from './packet-in-progress.ts';

// Nobody builds more than a tunnel in a tunnel; the bound keeps a hostile frame from being walked header by header.
const MAX_TUNNELS = 8;

/**
 * A captured frame as layers. `linkType` is the frame's own, or the capture file's: 1 Ethernet, 113 and 276 Linux cooked,
 * 0 and 108 loopback, 101, 12, 14, 228 and 229 raw IP; frames of others are `undecoded`. `wireLength`
 * (Frame.originalLength), when given, distinguishes a wrong IP length from a trimmed capture.
 */
export function decodeFrame(bytes: Uint8Array, linkType: number, wireLength: number = Number.MAX_SAFE_INTEGER): Packet {
  const packet = new PacketInProgress(bytes, Math.max(wireLength, bytes.length));
  decodeLink(packet, linkType);
  if (packet.inside !== undefined) decodeInside(packet);
  return packet;
}

// Here and not where a tunnel's header is decoded, so that decoders need not call each other in a circle.
function decodeInside(packet: PacketInProgress): void {
  while (packet.inside !== undefined) {
    const { etherType, at } = packet.inside;
    packet.inside = undefined;
    if (packet.tunnels.length > MAX_TUNNELS) packet.fail('tunnel', `more than ${MAX_TUNNELS} tunnels`, at);
    else if (etherType === TRANSPARENT_ETHERNET) decodeEthernet(packet, at);
    else decodeByEtherType(packet, etherType, at);
  }
}
