import type { Frame } from '../wire/frame.ts';
import type { Packet } from '../wire/packet.ts';
import type { ProtocolEvent } from './events.ts';
import { TftpObserver } from './tftp-observer.ts';
import type { Stamp } from './tftp-transfer.ts';

/** Everything that one client does: two clients share nothing. */
export class ClientObserver {
  readonly client: string;
  readonly #tftp: TftpObserver;

  constructor(client: string, emit: (event: ProtocolEvent) => void) {
    this.client = client;
    this.#tftp = new TftpObserver(client, emit);
  }

  /** Takes a UDP packet; returns how many payload bytes the evidence needs, -1 when it belongs to nothing known. */
  udp(packet: Packet, frame: Frame, fromClient: boolean): number {
    return this.#tftp.packet(packet, frame, fromClient);
  }

  /** Takes a TCP segment; returns how many payload bytes the evidence needs. */
  tcp(packet: Packet, _frame: Frame, _fromClient: boolean): number {
    return packet.payloadLength;
  }

  /** Whether this client opened the connection that a segment to it belongs to. */
  owns(_packet: Packet): boolean {
    return false;
  }

  /** The capture is over. */
  finish(at: Stamp): void {
    this.#tftp.finish(at, 'the capture ended');
  }
}
