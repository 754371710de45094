import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

/** A UDP socket that is read one datagram at a time. */
export class Datagrams {
  readonly #socket: Socket;
  readonly #received: [Buffer, RemoteInfo][] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes, from) => {
      if (this.#received.length < MAX_WAITING) this.#received.push([bytes, from]);
      this.#wake?.();
    });
    // An ICMP error of an earlier datagram: the waiting code notices that no answer comes.
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Datagrams> {
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address: '0.0.0.0' }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.setBroadcast(true);
    return new Datagrams(socket);
  }

  send(bytes: Uint8Array, port: number, ip: string): Promise<void> {
    // A network that is not there yet is as good as a lost datagram.
    return new Promise((resolve) => {
      this.#socket.send(bytes, port, ip, () => resolve());
    });
  }

  /** The first datagram until `untilMs` of performance.now() that `take` makes something of. */
  async next<T>(untilMs: number, take: (bytes: Buffer, from: RemoteInfo) => T | undefined): Promise<T | undefined> {
    for (;;) {
      for (let here = this.#received.shift(); here; here = this.#received.shift()) {
        const taken = take(...here);
        if (taken !== undefined) return taken;
      }
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return undefined;
      await this.#woken(leftMs);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** Datagrams kept for a reader that is slow; more are lost, as they are in a kernel. */
const MAX_WAITING = 1024;
