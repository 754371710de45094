import { dissectMalformed, layer, type Dissection, type Layout } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { ARP_LENGTH, decodeArp } from './codec.ts';

const LAYOUT: Layout = {
  operation: [6, 2],
  senderMac: [8, 6],
  senderIp: [14, 4],
  targetMac: [18, 6],
  targetIp: [24, 4],
};

/** ARP for people, with Wireshark's summary. */
export function dissectArp(bytes: Uint8Array): Dissection {
  const message = decodeArp(bytes);
  if (isMalformed(message)) return dissectMalformed(message);
  const { operation, senderMac, senderIp, targetMac, targetIp } = message;
  return {
    summary: operation === 1 ? `ARP who has ${targetIp}? Tell ${senderIp}` : `ARP ${senderIp} is at ${senderMac}`,
    layers: [
      layer('arp', bytes.subarray(0, ARP_LENGTH), { operation, senderMac, senderIp, targetMac, targetIp }, LAYOUT),
    ],
  };
}
