import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

/** A UDP client on loopback for tests: sends, and hands out what comes back in order. */
export class UdpClient {
  readonly #socket: Socket;
  readonly #received: [Buffer, RemoteInfo][] = [];
  readonly #waiting: ((datagram: [Buffer, RemoteInfo]) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes, from) => {
      const next = this.#waiting.shift();
      if (next) next([bytes, from]);
      else this.#received.push([bytes, from]);
    });
  }

  static async open(): Promise<UdpClient> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve));
    return new UdpClient(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(bytes: Uint8Array, port: number): void {
    this.#socket.send(bytes, port, '127.0.0.1');
  }

  /** The next datagram; fails with `step` when none comes within the deadline. */
  receive(step: string, deadlineMs = 5000): Promise<[Buffer, RemoteInfo]> {
    const here = this.#received.shift();
    if (here) return Promise.resolve(here);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${step}: nothing came within ${deadlineMs} ms`)), deadlineMs);
      this.#waiting.push((datagram) => {
        clearTimeout(timer);
        resolve(datagram);
      });
    });
  }

  /** Forgets what came so far. */
  drain(): void {
    this.#received.length = 0;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Port of a listening text such as `127.0.0.1:6969/udp`. */
export const portOf = (listening: string | undefined): number => Number(/:(\d+)\//.exec(listening ?? '')?.[1]);
