import type { RemoteInfo, Socket } from 'node:dgram';
import type { TftpConfig } from './config.ts';
import type { Emit } from '../../service/event-lines.ts';
import { endText } from '../../service/end-text.ts';
import { bindUdp } from '../../service/udp.ts';

/** A transfer's end of the conversation: its transfer identifier is the port (RFC 1350 section 4). */
export interface Port {
  readonly socket: Socket;
  /** Gives the port back. */
  release(): void;
}

type OnDatagram = (bytes: Buffer, from: RemoteInfo) => void;

interface SharedPort {
  /** The server's address that it is bound to: the one that the peer asked. */
  readonly address: string;
  readonly socket: Promise<Socket>;
  /** What takes the datagrams of each peer, by `keyOf`. */
  readonly users: Map<string, OnDatagram>;
}

// The first transfers each have a port of their own. Further ones share the least used port: a transfer is identified by
// both of its ports (RFC 1350 section 4), and one socket for many clients saves two system calls a packet.
const MAX_OPEN = 4;

/** Identifies a client's end of a transfer. */
export const keyOf = (peer: { readonly address: string; readonly port: number }): string =>
  endText(peer.address, peer.port);

/** Gives transfers their ports: any free ones, or those of the configured range in turn. */
export class Ports {
  readonly #config: Pick<TftpConfig, 'address' | 'ipv6' | 'portRange'>;
  readonly #emit: Emit;
  readonly #onStranger: (socket: Socket, bytes: Buffer, from: RemoteInfo) => void;
  readonly #open = new Set<SharedPort>();
  #next: number;

  /** `onStranger` gets datagrams of a peer that has no transfer on that port. */
  constructor(
    config: Pick<TftpConfig, 'address' | 'ipv6' | 'portRange'>,
    emit: Emit,
    onStranger: (socket: Socket, bytes: Buffer, from: RemoteInfo) => void,
  ) {
    this.#config = config;
    this.#emit = emit;
    this.#onStranger = onStranger;
    this.#next = config.portRange?.from ?? 0;
  }

  /** A port for the transfer with `peer`. */
  async take(peer: RemoteInfo, onDatagram: OnDatagram): Promise<Port> {
    const key = keyOf(peer);
    const { address, ipv6 } = this.#config;
    const port = this.#pick(key, ipv6 !== undefined && peer.family === 'IPv6' ? ipv6 : address);
    port.users.set(key, onDatagram);
    const release = (): void => {
      if (port.users.get(key) === onDatagram) port.users.delete(key);
      if (port.users.size > 0 || !this.#open.delete(port)) return;
      port.socket.then(
        (socket) => socket.close(),
        () => undefined,
      );
    };
    try {
      return { socket: await port.socket, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #pick(key: string, address: string): SharedPort {
    let least: SharedPort | undefined;
    const open = [...this.#open].filter((port) => port.address === address);
    if (open.length >= MAX_OPEN) {
      for (const port of open)
        if (!port.users.has(key) && port.users.size < (least?.users.size ?? Infinity)) least = port;
    }
    if (least) return least;
    const users = new Map<string, OnDatagram>();
    const opened = { address, users, socket: this.#bind(address, users) };
    this.#open.add(opened);
    return opened;
  }

  async #bind(address: string, users: ReadonlyMap<string, OnDatagram>): Promise<Socket> {
    const { portRange: range } = this.#config;
    const tries = range ? range.to - range.from + 1 : 1;
    for (let left = tries; ; left--) {
      try {
        const socket = await bindUdp({
          address,
          port: this.#number(),
          emit: this.#emit,
          onDatagram: (bytes, from) => {
            const user = users.get(keyOf(from));
            if (user) user(bytes, from);
            else this.#onStranger(socket, bytes, from);
          },
        });
        return socket;
      } catch (error) {
        const taken = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
        if (!taken || left <= 1) throw error;
      }
    }
  }

  #number(): number {
    const range = this.#config.portRange;
    if (!range) return 0;
    const number = this.#next;
    this.#next = number >= range.to ? range.from : number + 1;
    return number;
  }
}
