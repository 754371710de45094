import { BOOT_SERVER_PORT, DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from '../wire/ports.ts';
import { decodeDhcp } from '../wire/codec.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { messageType } from '../wire/options.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import { classifyDhcp } from './classification.ts';
import type { DhcpEvent } from './events.ts';
import { tellAddresses } from './given-addresses.ts';
import { identityWithoutHardware } from './identity.ts';
import { isOfBoot } from './sign-of-boot.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import { destinationOf, sourceOf } from '../../base/observe/flow-ends.ts';

/** Ports of DHCP's three parties: server, client, boot server. */
export const DHCP_PORTS: readonly number[] = [DHCP_SERVER_PORT, DHCP_CLIENT_PORT, BOOT_SERVER_PORT];
const BOOTREQUEST = 1;
/** Exchanges whose client is remembered by transaction. */
const MAX_TRANSACTIONS = 1024;

/** Whether a UDP packet is DHCP by its ports. */
export function isDhcp(packet: Packet): boolean {
  return (
    packet.udp !== undefined &&
    DHCP_PORTS.includes(packet.udp.sourcePort) &&
    DHCP_PORTS.includes(packet.udp.destinationPort)
  );
}

/**
 * DHCP of all clients: replies may be broadcasts or come through a relay, so that only the message says which client it
 * concerns.
 */
export class DhcpObserver {
  readonly #clients: Clients;
  readonly #emit: (event: DhcpEvent | MalformedEvent) => void;
  readonly #byTransaction = new Map<number, string>();

  constructor(clients: Clients, emit: (event: DhcpEvent | MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const message = decodeDhcp(packet.payload, packet.payloadLength);
    if (isMalformed(message)) {
      this.#malformed(message, this.#clientByMac(packet), frame);
      return;
    }
    const client = this.#clientOf(message, packet);
    if (client === undefined) return;
    // Cut before its type: nobody knows what it says.
    if (message.cut && messageType(message) === undefined) return;
    const type = classifyDhcp(message, packet.udp?.sourcePort ?? 0, packet.udp?.destinationPort ?? 0);
    this.#emit({
      type,
      frame: frame.number,
      atUs: frame.atUs,
      client,
      from: sourceOf(packet),
      to: destinationOf(packet),
      message: owned(message),
    });
    tellAddresses({ type, message }, client, this.#clients);
    if (message.malformed) this.#malformed(message.malformed, client, frame);
  }

  #clientOf(message: DhcpMessage, packet: Packet): string | undefined {
    const boots = isOfBoot(message, packet.udp?.sourcePort, packet.udp?.destinationPort);
    if (message.chaddr !== '' && this.#clients.learn(message.chaddr, boots)) {
      if (message.op === BOOTREQUEST) this.#remember(message.xid, message.chaddr);
      return message.chaddr;
    }
    const identity = message.op === BOOTREQUEST ? identityWithoutHardware(message) : undefined;
    if (identity !== undefined && this.#clients.learnIdentity(identity, boots)) {
      this.#remember(message.xid, identity);
      return identity;
    }
    // A reply with a damaged chaddr still carries the transaction that the client chose (RFC 2131 section 4.1).
    return (message.op === BOOTREQUEST ? undefined : this.#byTransaction.get(message.xid)) ?? this.#clientByMac(packet);
  }

  #clientByMac({ ethernet }: Packet): string | undefined {
    return [ethernet?.source ?? '', ethernet?.destination ?? ''].find((mac) => this.#clients.has(mac));
  }

  #remember(xid: number, client: string): void {
    if (this.#byTransaction.size >= MAX_TRANSACTIONS) this.#byTransaction.clear();
    this.#byTransaction.set(xid, client);
  }

  #malformed(malformed: Malformed, client: string | undefined, frame: Frame): void {
    if (client !== undefined)
      this.#emit({
        type: 'malformed',
        malformed: { ...malformed, bytes: malformed.bytes.slice() },
        frame: frame.number,
        atUs: frame.atUs,
        client,
      });
  }
}

/** The message with option bytes of its own: events outlive the capture buffer that the frame's bytes lie in. */
function owned(message: DhcpMessage): DhcpMessage {
  return {
    ...message,
    options: message.options.map((option) => ({ ...option, data: option.data.slice() })),
    ...(message.malformed ? { malformed: { ...message.malformed, bytes: message.malformed.bytes.slice() } } : {}),
  };
}
