import type { Frame } from '../../../packet/frame.ts';
import { decodeKerberos } from '../wire/codec.ts';
import { KERBEROS_PORT } from '../wire/ports.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { MAX_REPORTS } from '../../base/observe/event-body.ts';
import type { KerberosEvent } from './events.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { UdpObserver } from '../../base/observe/udp-service.ts';
import { destinationKey, destinationOf, sourceKey, sourceOf, type EndKey } from '../../base/observe/flow-ends.ts';
import { exchangeOf, kerberosBody, type KerberosExchange } from './exchange.ts';

/** Ports of the client whose exchange is remembered. */
const MAX_EXCHANGES = 256;

/** Kerberos over UDP of one client: one message a datagram (RFC 4120 section 7.2.1). */
export class KerberosObserver implements UdpObserver {
  readonly #client: ObservedClient<KerberosEvent | MalformedEvent>;
  readonly #exchanges = new Map<EndKey, KerberosExchange>();
  #malformedTold = 0;

  constructor(client: ObservedClient<KerberosEvent | MalformedEvent>) {
    this.#client = client;
  }

  /** Takes a UDP packet; returns how many payload bytes the evidence needs, -1 when it is no Kerberos. */
  packet(packet: Packet, frame: Frame, fromClient: boolean): number {
    const port = fromClient ? packet.udp?.destinationPort : packet.udp?.sourcePort;
    if (port !== KERBEROS_PORT) return -1;
    const message = decodeKerberos(packet.payload);
    const seen = { frame: frame.number, atUs: frame.atUs, client: this.#client.mac };
    if (isMalformed(message)) {
      if (++this.#malformedTold <= MAX_REPORTS)
        this.#client.emit({ type: 'malformed', malformed: { ...message, bytes: message.bytes.slice() }, ...seen });
      return packet.payloadLength;
    }
    const key = fromClient ? sourceKey(packet) : destinationKey(packet);
    if (fromClient) this.#remember(key, exchangeOf(message) ?? 'as');
    const body = kerberosBody(message, this.#exchanges.get(key) ?? 'as');
    if (body)
      this.#client.emit({
        ...body,
        ...seen,
        server: fromClient ? destinationOf(packet) : sourceOf(packet),
        carrier: 'udp',
      });
    return packet.payloadLength;
  }

  #remember(key: EndKey, exchange: KerberosExchange): void {
    if (this.#exchanges.size >= MAX_EXCHANGES) this.#exchanges.clear();
    this.#exchanges.set(key, exchange);
  }
}
