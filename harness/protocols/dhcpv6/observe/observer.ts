import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { destinationOf, sourceOf } from '../../base/observe/flow-ends.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import type { Sender } from '../../base/observe/udp-service.ts';
import { asksForBoot } from '../wire/boot.ts';
import { decodeDhcpv6 } from '../wire/codec.ts';
import type { Dhcpv6Message } from '../wire/message.ts';
import { everyOption } from '../wire/options.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, DHCPV6_TYPES, dhcpv6TypeName } from '../wire/types.ts';
import type { Dhcpv6Event } from './events.ts';

/** The clients as DHCPv6 needs them: every system with IPv6 speaks it, and few of them boot. */
export interface Dhcpv6Clients extends Clients {
  /** A host sent what clients send, or what clients send besides others. */
  learnSender(
    sender: { readonly mac: string; readonly ip: string; readonly forwarded: boolean | undefined },
    sign: Sender,
  ): void;
}

/** Ports of DHCPv6's parties (RFC 8415 section 7.2). */
export const DHCPV6_PORTS: readonly number[] = [DHCPV6_SERVER_PORT, DHCPV6_CLIENT_PORT];
/** What servers send. */
const ANSWERS: readonly number[] = [DHCPV6_TYPES.ADVERTISE, DHCPV6_TYPES.REPLY, DHCPV6_TYPES.RECONFIGURE];
const EVENTS: ReadonlySet<string> = new Set<Dhcpv6Event['type']>([
  ...(['dhcpv6.solicit', 'dhcpv6.advertise', 'dhcpv6.request', 'dhcpv6.confirm', 'dhcpv6.renew'] as const),
  ...(['dhcpv6.rebind', 'dhcpv6.reply', 'dhcpv6.release', 'dhcpv6.decline', 'dhcpv6.reconfigure'] as const),
  'dhcpv6.information-request',
]);

/** Whether a packet is DHCPv6 by its ports. */
export function isDhcpv6({ ipv6, udp }: Packet): boolean {
  if (ipv6 === undefined || udp === undefined) return false;
  return DHCPV6_PORTS.includes(udp.sourcePort) && DHCPV6_PORTS.includes(udp.destinationPort);
}

/**
 * DHCPv6 of all clients of the link. A client is known by the hardware address of its frames: its own name (a DUID) may
 * be a UUID, and what it is on the link is a question of frames alone. What relays and servers say to each other is the
 * same conversation a second time, and nobody's.
 */
export class Dhcpv6Observer {
  readonly #clients: Dhcpv6Clients;
  readonly #emit: (event: Dhcpv6Event | MalformedEvent) => void;

  constructor(clients: Dhcpv6Clients, emit: (event: Dhcpv6Event | MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const message = decodeDhcpv6(packet.payload);
    const seen = { frame: frame.number, atUs: frame.atUs };
    const [sender, receiver] = [packet.ethernet?.source ?? '', packet.ethernet?.destination ?? ''];
    if (isMalformed(message)) {
      const client = [sender, receiver].find((mac) => this.#clients.has(mac));
      if (client !== undefined)
        this.#emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen, client });
      return;
    }
    if (message.kind === 'dhcpv6-relay') return;
    const isAnswer = ANSWERS.includes(message.type);
    const client = isAnswer ? receiver : sender;
    if (!isAnswer) this.#learn(message, packet);
    if (!this.#clients.has(client)) return;
    const type = `dhcpv6.${dhcpv6TypeName(message.type).toLowerCase()}`;
    this.#emit({
      type: EVENTS.has(type) ? (type as Dhcpv6Event['type']) : 'dhcpv6.other',
      ...seen,
      client,
      from: sourceOf(packet),
      to: destinationOf(packet),
      message: owned(message),
    });
    for (const address of addressesIn(message)) {
      if (message.type === DHCPV6_TYPES.REPLY) this.#clients.leased(client, address);
      else if (message.type === DHCPV6_TYPES.ADVERTISE) this.#clients.hopes(client, address);
    }
  }

  #learn(message: Dhcpv6Message, packet: Packet): void {
    const { mac, ip } = sourceOf(packet);
    if (asksForBoot(message)) this.#clients.learn(mac, true);
    else this.#clients.learnSender({ mac, ip, forwarded: false }, 'candidate');
  }
}

function addressesIn(message: Dhcpv6Message): string[] {
  return everyOption(message, 'iaNa').flatMap((association) =>
    isMalformed(association)
      ? []
      : everyOption(association, 'iaAddress').flatMap((one) => (isMalformed(one) ? [] : [one.address])),
  );
}

/** The message with option bytes of its own: events outlive the capture buffer that the frame's bytes lie in. */
function owned(message: Dhcpv6Message): Dhcpv6Message {
  return { ...message, options: message.options.map(({ code, data }) => ({ code, data: data.slice() })) };
}
