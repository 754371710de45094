import type { Frame } from '../../../packet/frame.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Stamp } from './event-body.ts';

/** Who is a client, as far as the capture has shown it. */
export interface Clients {
  /** Whether this hardware address is a client's. */
  has(mac: string): boolean;
  /**
   * Makes a hardware address a client; false when the capture's clients are given and it is not among them, or when it
   * shows no sign of a boot (`boots`) and there are too many such hosts.
   */
  learn(mac: string, boots: boolean): boolean;
  /** The same of an identity that is no hardware address. */
  learnIdentity(identity: string, boots: boolean): boolean;
  /** A DHCP server gave a client this address, or the client says that it has it. */
  leased(client: string, ip: string): void;
  /** A client was offered this address, or asked for it. */
  hopes(client: string, ip: string): void;
}

/**
 * A protocol whose messages are broadcasts or pass relays, so that only the message itself says which client it
 * concerns. `C`: what the protocol needs to know of the clients.
 */
export interface SharedMedium<E, C> {
  /** Whether a packet is this protocol's. `ports`: those that services were given beside its own. */
  readonly claims: (packet: Packet, ports?: readonly number[]) => boolean;
  /** UDP ports that its packets go to; without them it claims no packet of UDP. */
  readonly udpPorts?: readonly number[];
  readonly observe: (clients: C, emit: (event: E) => void) => MediumObserver;
  /** Payload bytes of a packet that the evidence needs; absent: all of them. */
  readonly evidence?: (packet: Packet) => number;
}

/** Follows a shared medium. */
export interface MediumObserver {
  packet(packet: Packet, frame: Frame): void;
  /** The capture is over, or this client is; `reason` in words. */
  finish?(at: Stamp, reason: string, client?: string): void;
}
