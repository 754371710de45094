import type { Packet } from '../packet/packet.ts';
import { destinationIp, sourceIp } from '../protocols/base/observe/flow-ends.ts';
import type { Sender } from '../protocols/base/observe/udp-service.ts';
import type { ClientObserver } from './client-observer.ts';
import type { ClientRegistry } from './client-registry.ts';

/** Address pairs remembered; more are looked up again. */
const MAX_ENDS = 16_384;

/** One end of packets with the same addresses. */
export interface End {
  /** Hardware address as a number, -1 where the capture has none. */
  readonly hardware: number;
  readonly client: ClientObserver | undefined;
  /** What this end sent was looked at as a sign of a client of this kind, so that more of it shows nothing new. */
  examined: Sender | undefined;
}

/**
 * Finds the client of a frame: by its addresses of both layers, as the registry knows them. A transfer has the same four
 * addresses thousands of times, so what they mean is remembered until the registry learns something.
 */
export class FrameOwners {
  readonly #registry: ClientRegistry;
  readonly #observerOf: (client: string) => ClientObserver;
  // IPv4 addresses as signed numbers of 32 bits, which a map finds several times faster than larger ones.
  // Apart: a cooked capture has the hardware address of senders only, and ways there and back may differ.
  readonly #senders = new Map<number | string, End>();
  readonly #receivers = new Map<number | string, End>();
  #version = 0;

  constructor(registry: ClientRegistry, observerOf: (client: string) => ClientObserver) {
    this.#registry = registry;
    this.#observerOf = observerOf;
  }

  /** Forgets what addresses mean. */
  forget(): void {
    this.#senders.clear();
    this.#receivers.clear();
    this.#version = this.#registry.version;
  }

  senderOf(packet: Packet): End {
    if (this.#version !== this.#registry.version) this.forget();
    const ip = packet.ipv4 ? packet.ipv4.sourceNumber | 0 : sourceIp(packet);
    const hardware = packet.ethernet?.sourceNumber ?? -1;
    const known = this.#senders.get(ip);
    if (known?.hardware === hardware) return known;
    return this.#find(this.#senders, ip, hardware, packet.ethernet?.source ?? '', sourceIp(packet));
  }

  receiverOf(packet: Packet): End {
    if (this.#version !== this.#registry.version) this.forget();
    const ip = packet.ipv4 ? packet.ipv4.destinationNumber | 0 : destinationIp(packet);
    const hardware = packet.ethernet?.destinationNumber ?? -1;
    const known = this.#receivers.get(ip);
    if (known?.hardware === hardware) return known;
    return this.#find(this.#receivers, ip, hardware, packet.ethernet?.destination ?? '', destinationIp(packet));
  }

  #find(ends: Map<number | string, End>, key: number | string, hardware: number, mac: string, ip: string): End {
    const { client, certain } = this.#registry.ownerOf(mac, ip);
    const end: End = {
      hardware,
      client: client === undefined ? undefined : this.#observerOf(client),
      examined: certain ? 'client' : undefined,
    };
    if (ends.size >= MAX_ENDS) ends.clear();
    ends.set(key, end);
    return end;
  }
}
