import type { Frame } from '../../../packet/frame.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Stamp } from './event-body.ts';
import type { ObservedClient } from './observed-client.ts';

/**
 * What a packet to a service's port says about its sender. `client`: it is one. `candidate`: it is one when it has
 * resolved an address before, or when the capture has shown no client yet.
 */
export type Sender = 'client' | 'candidate';

/** Follows what one client says by UDP in one protocol. */
export interface UdpObserver {
  /** Takes a packet; returns how many payload bytes the evidence needs, -1 when the packet is not this protocol's. */
  packet(packet: Packet, frame: Frame, fromClient: boolean): number;
  /** The capture is over, or the client is; `reason` in words. */
  finish?(at: Stamp, reason: string): void;
}

/** A protocol over UDP whose conversations are one client's. */
export interface UdpService<E> {
  /** Where its servers listen. */
  readonly ports: readonly number[];
  readonly sender?: Sender;
  readonly observe: (client: ObservedClient<E>) => UdpObserver;
}
