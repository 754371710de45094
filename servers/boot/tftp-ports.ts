import type { RemoteInfo, Socket } from 'node:dgram';
import type { TftpConfig } from './tftp-config.ts';
import type { Emit } from './event-lines.ts';
import { bindUdp } from './udp.ts';

/** A transfer's end of the conversation: its transfer identifier is the port (RFC 1350 section 4). */
export interface Port {
  readonly socket: Socket;
  /** Gives the port back. */
  release(): void;
}

/** Gives every transfer a port of its own: any free one, or the next free one of the configured range. */
export class Ports {
  readonly #address: string;
  readonly #range: TftpConfig['portRange'];
  readonly #emit: Emit;
  #next: number;

  constructor(config: Pick<TftpConfig, 'address' | 'portRange'>, emit: Emit) {
    this.#address = config.address;
    this.#range = config.portRange;
    this.#emit = emit;
    this.#next = config.portRange?.from ?? 0;
  }

  async take(onDatagram: (bytes: Buffer, from: RemoteInfo) => void): Promise<Port> {
    const tries = this.#range ? this.#range.to - this.#range.from + 1 : 1;
    for (let left = tries; ; left--) {
      try {
        const socket = await bindUdp({ address: this.#address, port: this.#number(), emit: this.#emit, onDatagram });
        return { socket, release: () => void socket.close() };
      } catch (error) {
        const taken = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
        if (!taken || left <= 1) throw error;
      }
    }
  }

  #number(): number {
    if (!this.#range) return 0;
    const number = this.#next;
    this.#next = number >= this.#range.to ? this.#range.from : number + 1;
    return number;
  }
}
