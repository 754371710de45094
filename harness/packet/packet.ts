import { decodeLink } from './link.ts';
import { PacketInProgress, type Packet } from './packet-in-progress.ts';

export type { Packet } from './packet-in-progress.ts';

/**
 * A captured frame as layers. `linkType` is the capture file's: 1 Ethernet, 113 and 276 Linux cooked, 101 and 12 raw
 * IP. `wireLength` (Frame.originalLength), when given, distinguishes a wrong IP length from a trimmed capture.
 */
export function decodeFrame(bytes: Uint8Array, linkType: number, wireLength: number = Number.MAX_SAFE_INTEGER): Packet {
  const packet = new PacketInProgress(bytes, Math.max(wireLength, bytes.length));
  decodeLink(packet, linkType);
  return packet;
}
