import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { destinationOf, sourceOf } from '../../base/observe/flow-ends.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { UdpObserver } from '../../base/observe/udp-service.ts';
import { decodeOnLink } from '../wire/codec.ts';
import { option } from '../wire/options.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, dhcpv6TypeName } from '../wire/types.ts';
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
    const message = decodeOnLink(packet.payload);
    if (isMalformed(message)) {
      this.#client.emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen });
      return packet.payloadLength;
    }
    const [architectures, vendorClass, url] = [
      option(message, 'architectures'),
      option(message, 'vendorClass'),
      option(message, 'bootFileUrl'),
    ];
    this.#client.emit({
      type: 'dhcpv6.message',
      message: dhcpv6TypeName(message.type),
      by: fromClient ? 'client' : 'server',
      server: fromClient ? destinationOf(packet) : sourceOf(packet),
      architecture: isMalformed(architectures) ? undefined : architectures?.[0],
      vendorClass: isMalformed(vendorClass) ? undefined : vendorClass?.classes[0],
      bootFileUrl: isMalformed(url) ? undefined : url,
      ...seen,
    });
    return packet.payloadLength;
  }
}
