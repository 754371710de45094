import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { destinationOf, sourceOf } from '../../base/observe/flow-ends.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { UdpObserver } from '../../base/observe/udp-service.ts';
import { decodeIsakmpHeader } from '../wire/codec.ts';
import { ISAKMP_PORT } from '../wire/ports.ts';
import type { IsakmpEvent } from './events.ts';

/** ISAKMP and AuthIP of one client: one message a datagram (RFC 2408 section 2.5.1). */
export class IsakmpObserver implements UdpObserver {
  readonly #client: ObservedClient<IsakmpEvent | MalformedEvent>;

  constructor(client: ObservedClient<IsakmpEvent | MalformedEvent>) {
    this.#client = client;
  }

  packet(packet: Packet, frame: Frame, fromClient: boolean): number {
    if (packet.udp?.destinationPort !== ISAKMP_PORT && packet.udp?.sourcePort !== ISAKMP_PORT) return -1;
    const header = decodeIsakmpHeader(packet.payload);
    const seen = { frame: frame.number, atUs: frame.atUs, client: this.#client.mac };
    if (isMalformed(header))
      this.#client.emit({ type: 'malformed', malformed: { ...header, bytes: header.bytes.slice() }, ...seen });
    else
      this.#client.emit({
        type: 'isakmp.message',
        exchange: header.exchange,
        by: fromClient ? 'client' : 'server',
        server: fromClient ? destinationOf(packet) : sourceOf(packet),
        ...seen,
      });
    return packet.payloadLength;
  }
}
