import type { Frame } from '../../../packet/frame.ts';
import { ICMP, ICMPV6 } from '../../../packet/icmp.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { sourceOf } from '../../base/observe/flow-ends.ts';
import { decodeIcmp } from '../wire/codec.ts';
import type { IcmpEvent } from './events.ts';

/** The clients as ICMP needs them: an error names its packet's ends by their IP addresses. */
export interface IcmpClients {
  /** Whose the addresses of a packet are; the hardware address is empty where it is not known. */
  ownerOf(mac: string, ip: string): { readonly client: string | undefined };
}

/** Whether a packet is a whole message of ICMP or ICMPv6. */
export function isIcmp({ ipv4, ipv6 }: Packet): boolean {
  return (ipv4?.protocol === ICMP && !ipv4.fragment) || (ipv6?.protocol === ICMPV6 && !ipv6.fragment);
}

/**
 * ICMP of all hosts: errors about packets of clients, and about packets to them. Everything else (echo, routers,
 * neighbours) is no part of a boot. A message that does not decode is nobody's.
 */
export class IcmpObserver {
  readonly #clients: IcmpClients;
  readonly #emit: (event: IcmpEvent) => void;

  constructor(clients: IcmpClients, emit: (event: IcmpEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const message = decodeIcmp(packet.payload, packet.ipv4 ? 4 : 6);
    if (isMalformed(message) || message.unreachable === undefined || message.quoted === undefined) return;
    const { version, unreachable: reason, mtu, quoted } = message;
    const { from: sender, to: receiver, protocol } = quoted;
    const about = { version, from: sourceOf(packet), reason, protocol, sender, receiver };
    // The message goes to who sent the packet, or to its router.
    const { client: asking } = this.#clients.ownerOf(packet.ethernet?.destination ?? '', sender.ip);
    const { client: asked } = this.#clients.ownerOf('', receiver.ip);
    for (const client of new Set([asking, asked]))
      if (client !== undefined)
        this.#emit({
          type: 'icmp.unreachable',
          frame: frame.number,
          atUs: frame.atUs,
          client,
          ...about,
          byClient: client === asking,
          ...(mtu === undefined ? {} : { mtu }),
        });
  }
}
