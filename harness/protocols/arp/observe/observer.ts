import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import { ARP_ETHERTYPE, decodeArp } from '../wire/codec.ts';
import type { ArpEvent } from './events.ts';

const REQUEST = 1;
const REPLY = 2;

/** An ARP event before its client is known. */
export type ArpWithoutClient = Omit<ArpEvent, 'client'>;

/** The clients as receivers of ARP events: a host that sends ARP may turn out to be a client. */
export interface ArpClients extends Clients {
  /** Reports a message to the clients that it concerns, and keeps it for hosts that may become clients. */
  arp(event: ArpWithoutClient, receiverMac: string): void;
}

/** Whether a packet is ARP. */
export function isArp(packet: Packet): boolean {
  return packet.ethernet?.etherType === ARP_ETHERTYPE;
}

/** ARP of all hosts on the link (RFC 826). */
export class ArpObserver {
  readonly #clients: ArpClients;
  readonly #emit: (event: MalformedEvent) => void;

  constructor(clients: ArpClients, emit: (event: MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet({ ethernet, payload }: Packet, frame: Frame): void {
    const message = decodeArp(payload);
    const seen = { frame: frame.number, atUs: frame.atUs };
    if (isMalformed(message)) {
      const client = [ethernet?.source ?? '', ethernet?.destination ?? ''].find((mac) => this.#clients.has(mac));
      if (client !== undefined)
        this.#emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen, client });
      return;
    }
    const { operation, senderMac, senderIp, targetIp } = message;
    if (operation !== REQUEST && operation !== REPLY) return;
    const type = operation === REQUEST ? 'arp.request' : 'arp.reply';
    this.#clients.arp(
      { type, ...seen, senderMac, senderIp, targetIp, gratuitous: senderIp === targetIp },
      ethernet?.destination ?? '',
    );
  }
}
