import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { destinationOf, sourceOf } from '../../base/observe/flow-ends.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { UdpObserver } from '../../base/observe/udp-service.ts';
import { decodeDhcpv6 } from '../wire/codec.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, DHCPV6_TYPES } from '../wire/types.ts';
import type { Dhcpv6Event } from './events.ts';

/** DHCPv6 of one client, on the link that it shares with a server or a relay. */
export class Dhcpv6Observer implements UdpObserver {
  readonly #client: ObservedClient<Dhcpv6Event | MalformedEvent>;

  constructor(client: ObservedClient<Dhcpv6Event | MalformedEvent>) {
    this.#client = client;
  }

  packet(packet: Packet, frame: Frame, fromClient: boolean): number {
    const [asking, answering] = [packet.udp?.destinationPort, packet.udp?.sourcePort];
    const isQuestion = fromClient && asking === DHCPV6_SERVER_PORT;
    const isAnswer = !fromClient && answering === DHCPV6_SERVER_PORT && asking === DHCPV6_CLIENT_PORT;
    if (packet.ipv6 === undefined || (!isQuestion && !isAnswer)) return -1;
    const seen = { frame: frame.number, atUs: frame.atUs, client: this.#client.mac };
    const message = decodeDhcpv6(packet.payload);
    if (isMalformed(message)) {
      this.#client.emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen });
      return packet.payloadLength;
    }
    const { architecture, vendorClass, bootFileUrl } = message;
    this.#client.emit({
      type: 'dhcpv6.message',
      message: DHCPV6_TYPES[message.type] ?? `type ${message.type}`,
      by: fromClient ? 'client' : 'server',
      server: fromClient ? destinationOf(packet) : sourceOf(packet),
      architecture,
      vendorClass,
      bootFileUrl,
      ...seen,
    });
    return packet.payloadLength;
  }
}
